#include "bench/report_html.hpp"

#include "bench/svg_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace stoa::bench {
namespace {

constexpr std::array curve_percentiles{0.0,  0.1,   0.2,   0.3,   0.4,    0.5,    0.6,    0.7,
                                       0.75, 0.8,   0.85,  0.9,   0.925,  0.95,   0.975,  0.98,
                                       0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 0.99999};

constexpr std::string_view style = R"(<style>
:root { color-scheme: light dark; --text: #1f2328; --muted: #59636e; --grid: #d1d9e0; --back: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --muted: #9198a1; --grid: #3d444d; --back: #0d1117; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back);
  max-width: 1360px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(340px, 1fr)); gap: 1rem; }
figure { margin: 0; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; }
.grid { stroke: var(--grid); stroke-width: 1; }
.tick { font-size: 11px; fill: var(--muted); } .end { text-anchor: end; } .mid { text-anchor: middle; }
.line { fill: none; stroke: currentColor; stroke-width: 1.8; } .line.dashed { stroke-dasharray: 6 4; }
.legend { margin: 0; font-size: 0.85rem; }
.key { color: inherit; white-space: nowrap; }
.key::before { content: ""; display: inline-block; width: 1.6em; margin-right: 0.4em;
  border-top: 3px solid currentColor; vertical-align: middle; }
.key.dashed::before { border-top-style: dashed; }
.c0 { color: #1f6feb; } .c1 { color: #d1521f; } .c2 { color: #2da44e; } .c3 { color: #8250df; }
.c4 { color: #bf8700; } .c5 { color: #57606a; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.2rem 0.7rem; text-align: right; border-bottom: 1px solid var(--grid); }
th:first-child, td:first-child { text-align: left; }
.bad { color: #cf222e; font-weight: 600; } .good { color: #2da44e; font-weight: 600; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.85rem; }
.scroll { overflow-x: auto; }
</style>
)";

class page {
 public:
  explicit page(std::span<const run_report> runs) : runs_(runs) {}

  std::string text() {
    const bool compares = runs_.size() > 1;
    const auto title = compares ? "Comparison of two load runs" : "Load run: " + runs_[0].scenario;
    out_ =
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
        escaped(title) + "</title>\n";
    out_ += style;
    out_ += "</head>\n<body>\n<h1>" + escaped(title) + "</h1>\n";
    for (std::size_t i = 0; i < runs_.size(); ++i) add_summary(i);
    add_plots();
    for (std::size_t i = 0; i < runs_.size(); ++i) add_ramp(i);
    add_table("Operations", [](const run_report& r) { return &r.operations; });
    add_table("Steps", [](const run_report& r) { return &r.steps; });
    for (std::size_t i = 0; i < runs_.size(); ++i) add_details(i);
    return out_ + "</body>\n</html>\n";
  }

 private:
  std::string label(std::size_t run) const {
    if (runs_.size() == 1) return {};
    return run == 0 ? "A: " : "B: ";
  }

  void add_summary(std::size_t i) {
    const auto& r = runs_[i];
    const auto loop =
        r.rate > 0 ? fmt::format("open loop, {:g} operations/s, {} arrivals", r.rate, r.arrivals)
                   : fmt::format("closed loop, {} users", r.connections);
    out_ += fmt::format(
        "<p>{}<strong>{}</strong> at {} ({}), {}, {:g} s after {:g} s of warm-up, started {}.<br>"
        "{}<br><span class=\"{}\">{}</span></p>\n",
        label(i), escaped(r.scenario), escaped(r.url), escaped(r.target), escaped(loop), r.seconds,
        r.warmup_s, escaped(r.started_at), escaped(r.machine), r.ok ? "good" : "bad",
        r.ok ? "All checks passed" : "Some checks failed");
  }

  /// A line for each run and value of the seconds.
  template <class Value>
  void add_lines(plot& p, const std::string& name, int color, Value value) const {
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      plot_line l{label(i) + name, color, i > 0, {}};
      for (const auto& s : runs_[i].series) l.points.emplace_back(s.at, value(s));
      p.lines.push_back(std::move(l));
    }
  }

  void add_plots() {
    out_ += "<div class=\"plots\">\n";
    plot throughput{"Operations per second", "", "seconds", {}};
    add_lines(throughput, "completed", 0, [](const auto& s) { return s.per_second; });
    out_ += svg_of(throughput);
    plot latency{"Latency", "ms", "seconds", {}, true};
    add_lines(latency, "p50", 2, [](const auto& s) { return s.p50; });
    add_lines(latency, "p99", 4, [](const auto& s) { return s.p99; });
    add_lines(latency, "max", 1, [](const auto& s) { return s.max; });
    out_ += svg_of(latency);
    add_curve();
    plot errors{"Failed operations per second", "", "seconds", {}};
    add_lines(errors, "failed", 1, [](const auto& s) { return s.failed_per_second; });
    out_ += svg_of(errors);
    plot cpu{"CPU of the server", "cores", "seconds", {}};
    add_lines(cpu, "CPU", 3, [](const auto& s) { return s.server_cores; });
    out_ += svg_of(cpu);
    plot memory{"Memory of the server", "MB", "seconds", {}};
    add_lines(memory, "resident", 5, [](const auto& s) { return s.server_memory_mb; });
    out_ += svg_of(memory) + "</div>\n";
  }

  void add_curve() {
    plot curve{"Latency by percentile", "ms", "percentile", {}, true, true};
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const auto& r = runs_[i];
      int color = 0;
      const auto add = [&](const std::string& name, const times_report& t) {
        const auto h = histogram::decode(t.histogram);
        if (!h || h->count() == 0) return;
        plot_line l{label(i) + name, color++ % 6, i > 0, {}};
        for (const double q : curve_percentiles) {
          // A percentile beyond the count is the maximum.
          if (q > 0 && static_cast<double>(h->count()) * (1 - q) < 0.5) break;
          l.points.emplace_back(q, h->percentile_ms(q));
        }
        curve.lines.push_back(std::move(l));
      };
      for (const auto& [name, t] : r.operations) add(name, t);
    }
    out_ += svg_of(curve);
  }

  template <class Select>
  void add_table(const std::string& title, Select select) {
    std::set<std::string> names;
    for (const auto& r : runs_) {
      for (const auto& [name, t] : *select(r)) names.insert(name);
    }
    out_ += "<h2>" + title +
            "</h2>\n<div class=\"scroll\"><table>\n<tr><th></th><th>count</th>"
            "<th>per s</th><th>failed</th><th>mean</th><th>p50</th><th>p90</th><th>p99</th>"
            "<th>p99.9</th><th>max, ms</th></tr>\n";
    for (const auto& name : names) {
      for (std::size_t i = 0; i < runs_.size(); ++i) {
        const auto& all = *select(runs_[i]);
        if (const auto found = all.find(name); found != all.end()) {
          out_ += row_of(label(i) + name, found->second);
        }
      }
    }
    out_ += "</table></div>\n";
  }

  static std::string row_of(const std::string& name, const times_report& t) {
    return fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{:.1f}</td><td{}>{}</td><td>{:.2f}</td>"
        "<td>{:.2f}</td><td>{:.2f}</td><td>{:.2f}</td><td>{:.2f}</td><td>{:.2f}</td>"
        "</tr>\n",
        escaped(name), t.count, t.per_second, t.failed > 0 ? " class=\"bad\"" : "", t.failed,
        t.mean, t.p50, t.p90, t.p99, t.p99_9, t.max);
  }

  void add_ramp(std::size_t i) {
    const auto text = ramp_table_of(runs_[i]);
    if (!text.empty()) out_ += "<h2>" + label(i) + "Ramp</h2>\n<pre>" + escaped(text) + "</pre>\n";
  }

  void add_details(std::size_t i) {
    const auto& r = runs_[i];
    std::string text;
    for (const auto& [what, many] : r.facts) text += fmt::format("{}: {}\n", what, many);
    for (const auto& [what, many] : r.errors) text += fmt::format("error: {}: {}\n", what, many);
    if (r.not_started > 0) text += fmt::format("error: not started: {}\n", r.not_started);
    for (const auto& s : r.samples) text += "  " + s + "\n";
    text += !r.audit      ? "audit: not run\n"
            : r.audit->ok ? "audit succeeded:\n" + r.audit->text
                          : "AUDIT FAILED:\n" + r.audit->text;
    out_ += "<h2>" + label(i) + "Results and audit</h2>\n<pre>" + escaped(text) + "</pre>\n";
  }

  std::span<const run_report> runs_;
  std::string out_;
};

}  // namespace

std::string html_of(std::span<const run_report> runs) {
  return page(runs).text();
}

}  // namespace stoa::bench
