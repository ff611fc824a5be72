// "Copy link": the button says so when it is done, and again what it does after a while.
{
  const SHOWN_MS = 2500;

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    event.preventDefault();
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = before; }, SHOWN_MS);
    } catch {
      const field = document.getElementById(button.dataset.field || "");
      if (field) field.select();
    }
  });

  for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}
