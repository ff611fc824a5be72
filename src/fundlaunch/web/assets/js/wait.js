// Back from the checkout before the provider's word: ask again by ourselves for a while.
{
  const PAUSE_MS = 2000;
  const MOST_TRIES = 30;

  if (document.querySelector("[data-wait]")) {
    let tries = 0;
    const ask = async () => {
      const answer = await fetch(location.href).catch(() => null);
      if (answer && answer.ok && !(await answer.text()).includes("data-wait")) location.reload();
      else if (++tries < MOST_TRIES) setTimeout(ask, PAUSE_MS);
    };
    setTimeout(ask, PAUSE_MS);
  }
}
