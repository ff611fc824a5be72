// Small comforts on forms: + and − beside a number, a running total, one click for one post. The server decides all sums.
{
  const SPOKEN_AFTER_MS = 800;

  const changed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    const field = button.parentElement.querySelector("input");
    const next = (parseInt(field.value, 10) || 0) + Number(button.dataset.step);
    field.value = Math.min(Math.max(next, Number(field.min || 0)), Number(field.max || 999));
    changed(field);
  });

  const minorOf = (typed, exponent) => {
    const match = /^\s*(\d{1,12})(?:\.(\d*))?\s*$/.exec(typed);
    if (!match || (match[2] || "").length > exponent) return null;
    return Number(match[1] + (match[2] || "").padEnd(exponent, "0"));
  };

  const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ",");

  const written = (minor, exponent) => {
    const digits = String(minor).padStart(exponent + 1, "0");
    const whole = grouped(digits.slice(0, digits.length - exponent));
    return exponent ? `${whole}.${digits.slice(-exponent)}` : whole;
  };

  for (const form of document.querySelectorAll("form[data-total]")) {
    const exponent = Number(form.dataset.exponent);
    const fixed = Number(form.dataset.total);
    const shown = form.querySelectorAll("[data-total-here]");
    const spoken = form.querySelector("[data-total-spoken]");
    let timer;

    const total = () => {
      let sum = fixed;
      for (const field of form.querySelectorAll("[data-each]")) {
        sum += Number(field.dataset.each) * (parseInt(field.value, 10) || 0);
      }
      for (const field of form.querySelectorAll("[data-amount]")) {
        const minor = minorOf(field.value || "0", exponent);
        if (minor === null) return null;
        sum += minor;
      }
      return sum;
    };

    form.addEventListener("input", () => {
      const sum = total();
      if (sum === null) return;
      for (const place of shown) place.textContent = written(sum, exponent);
      clearTimeout(timer);
      timer = setTimeout(() => { if (spoken) spoken.textContent = written(sum, exponent); }, SPOKEN_AFTER_MS);
    });
  }

  for (const group of document.querySelectorAll(".step [data-step][hidden]")) group.hidden = false;

  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "yes";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
  });

  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
    }
  });
}
