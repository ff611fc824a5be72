// While somebody chooses, the server works the sum out again and the parts of the page that depend on it are replaced.
// Without this script a button asks for the same page.
{
  const PAUSE_MS = 200;

  const show = (place) => {
    for (const button of place.querySelectorAll("[data-step][hidden]")) button.hidden = false;
  };

  for (const form of document.querySelectorAll("form[data-refresh]")) {
    let newest = 0;
    let timer;

    const query = () => {
      const fields = new FormData(form);
      for (const name of ["seen_total", "version", "email"]) fields.delete(name);
      return new URLSearchParams(fields);
    };

    const refresh = async () => {
      const turn = ++newest;
      const address = `${form.dataset.refresh}?${query()}`;
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (!answer.ok || turn !== newest) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of form.querySelectorAll("[data-part]")) {
        const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
        if (!other || part.contains(document.activeElement)) continue;
        part.replaceChildren(...other.childNodes);
        show(part);
      }
      if (form.method === "get") history.replaceState(null, "", address);
    };

    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => refresh().catch(() => {}), PAUSE_MS);
    });

    for (const button of form.querySelectorAll("[data-without-script]")) button.hidden = true;
  }
}
