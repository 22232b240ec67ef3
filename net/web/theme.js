// Applies the stored theme before the page is rendered: a classic script in the head.
{
  const themes = ["auto", "light", "dark"];
  let theme = "auto";
  try {
    theme = localStorage.getItem("stoa-theme") ?? theme;
  } catch {
    // Without storage the choice applies to this page only.
  }
  const apply = (button) => {
    document.documentElement.dataset.theme = theme;
    button?.setAttribute("aria-label", `Theme: ${theme}`);
    if (button) button.title = `Theme: ${theme}`;
  };
  apply();
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    apply(button);
    button.addEventListener("click", () => {
      theme = themes[(themes.indexOf(theme) + 1) % themes.length];
      apply(button);
      try {
        localStorage.setItem("stoa-theme", theme);
      } catch {
        // See above.
      }
    });
  });
}
