// Sets light or dark before the first paint. Loaded without defer, so it is only this.
;(() => {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const chosen = () => {
    try {
      return localStorage.getItem('theme') ?? 'system'
    } catch {
      return 'system'
    }
  }
  const apply = () => {
    const choice = chosen()
    const isDark = choice === 'dark' || (choice === 'system' && dark.matches)
    document.documentElement.dataset.bsTheme = isDark ? 'dark' : 'light'
    for (const button of document.querySelectorAll('[data-theme-choice]')) {
      button.setAttribute('aria-pressed', String(button.dataset.themeChoice === choice))
    }
  }
  apply()
  dark.addEventListener('change', apply)
  document.addEventListener('DOMContentLoaded', apply)
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-theme-choice]')
    if (!button) return
    localStorage.setItem('theme', button.dataset.themeChoice)
    apply()
  })
})()
