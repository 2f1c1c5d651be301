// Lines over time, read from the table that stands below them: what is drawn and what is read aloud are the same.
// The library is large, and most who open a page look at what stands above: it is fetched once a chart comes into view. Its
// place is made at once, so that nothing moves under whoever reads or presses Tab.

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

let library
const load = (source) => {
  library ??= new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement('script'), { src: source, onload: resolve, onerror: reject })
    document.head.append(script)
  })
  return library
}

class HostlerCharts extends HTMLElement {
  #charts = []
  #sight = new IntersectionObserver(async (seen) => {
    if (!seen.some((one) => one.isIntersecting)) return
    this.#sight.disconnect()
    await load(this.dataset.library).then(
      () => this.isConnected && this.#drawAll(),
      () => this.#show(false),
    )
  })

  connectedCallback() {
    if (this.#rows.length < 2) return
    this.#show(true)
    this.#sight.observe(this)
  }

  get #rows() {
    return [...(this.querySelector('tbody')?.rows ?? [])]
  }

  #show(isChart) {
    for (const figure of this.querySelectorAll('.chart')) figure.hidden = !isChart
    this.querySelector('.chart-table').open = !isChart
  }

  #drawAll() {
    const rows = this.#rows
    const times = rows.map((row) => new Date(row.querySelector('time').dateTime))
    for (const figure of this.querySelectorAll('.chart')) this.#draw(figure, rows, times)
  }

  disconnectedCallback() {
    this.#sight.disconnect()
    for (const chart of this.#charts) chart.destroy()
    this.#charts = []
  }

  #draw(figure, rows, times) {
    const values = rows.map((row) =>
      Number(row.querySelector(`[data-series="${figure.dataset.series}"]`).dataset.value),
    )
    const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
    const line = { data: values, borderColor: colour('--accent'), borderWidth: 1.5, pointRadius: 0, tension: 0.2 }
    const quiet = { color: colour('--quiet'), maxTicksLimit: 5, maxRotation: 0 }
    this.#charts.push(
      new window.Chart(figure.querySelector('canvas'), {
        type: 'line',
        data: { labels: times.map((time) => clock.format(time)), datasets: [line] },
        options: {
          animation: false,
          maintainAspectRatio: false,
          interaction: { intersect: false, mode: 'index' },
          plugins: { legend: { display: false } },
          scales: {
            x: { grid: { display: false }, ticks: quiet },
            y: { min: 0, suggestedMax: 100, grid: { color: colour('--line') }, ticks: quiet },
          },
        },
      }),
    )
  }
}

customElements.define('hostler-charts', HostlerCharts)
