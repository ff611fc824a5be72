// A film loads only when somebody asks for it. The link works without this script: it leads to the provider's page.
{
  const frameOf = (link) => {
    const frame = document.createElement("iframe");
    frame.className = "video__frame";
    frame.title = link.dataset.title;
    frame.loading = "lazy";
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    frame.allow = "autoplay; fullscreen; encrypted-media; picture-in-picture";
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-presentation allow-popups");
    frame.src = link.dataset.embed;
    return frame;
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-embed]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const frame = frameOf(link);
    link.replaceWith(frame);
    frame.focus();
  });
}
