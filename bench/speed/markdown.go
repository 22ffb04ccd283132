package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"wisphub-graphql/bench/launch"
)

// printMarkdown prints the tables of docs/performance.md.
func (r *results) printMarkdown(w io.Writer) {
	fmt.Fprintf(w, "Machine: %s.\n", machine())
	for _, clients := range r.options.clients {
		for _, connections := range r.options.connections {
			r.closed.markdown(w, r.options.works, clients, connections)
		}
	}
	if len(r.closed) > 0 {
		r.closed.markdownGoals(w, r.options)
	}
	if len(r.open) > 0 {
		markdownOpen(w, r.open)
	}
	if len(r.memory) > 0 {
		markdownMemory(w, r.memory)
	}
}

// markdownHead prints the head of a table with a column for each work.
func markdownHead(w io.Writer, first string, works []work) {
	fmt.Fprintf(w, "\n| %s |", first)
	for _, work := range works {
		fmt.Fprintf(w, " %s |", work.name)
	}
	fmt.Fprintf(w, "\n|---|%s\n", strings.Repeat("---|", len(works)))
}

// markdown prints a row for each lane, with one number of clients and connections.
func (all measurements) markdown(w io.Writer, works []work, clients, connections int) {
	chosen := slices.DeleteFunc(slices.Clone(all), func(m measurement) bool { return m.clients != clients || m.connections != connections })
	if len(chosen) == 0 {
		return
	}
	calls, peak := 0, int64(0)
	for _, m := range chosen {
		calls += m.calls
		if m.lane.server == facadeServer || m.lane.server == unsharedServer {
			peak = max(peak, m.peak)
		}
	}
	fmt.Fprintf(w, "\n%s clients, %s, closed loop; peak memory of the facade %s MB, %d upstream calls.\n",
		thousands(clients), plural(connections, "connection"), known(peak), calls)
	fmt.Fprintln(w, "Each cell: CPU µs (× bare, × gqlgen), p50 / p99.")
	markdownHead(w, "", works)
	for _, l := range lanes {
		if !slices.ContainsFunc(chosen, func(m measurement) bool { return m.lane.name == l.name }) {
			continue
		}
		fmt.Fprintf(w, "| %s |", l.about)
		for _, work := range works {
			fmt.Fprintf(w, " %s |", chosen.cell(l, work))
		}
		fmt.Fprintln(w)
	}
}

func (all measurements) cell(l lane, w work) string {
	for _, m := range all {
		if m.lane.name == l.name && m.work.number == w.number {
			return fmt.Sprintf("%.3g (%s, %s), %v / %v", m.perRequest(), all.ratioText(m, "bare"), all.ratioText(m, "gqlgen"),
				launch.Rounded(m.p50), launch.Rounded(m.p99))
		}
	}
	return "–"
}

// goal is the highest ratio that a lane may have to a yardstick, by the number of a work.
type goal struct {
	lane, yardstick string
	highest         map[int]float64
}

var goals = []goal{
	{"repeated", "bare", map[int]float64{1: 1.5, 2: 1.5, 3: 1.5, 4: 1.5, 5: 1.5}},
	{"unshared", "gqlgen", map[int]float64{1: 0.9, 2: 0.12, 3: 0.12, 4: 0.04, 5: 0.15}},
}

// markdownGoals prints the goals beside the ratios, which are those of the most connections and the
// fewest clients.
func (all measurements) markdownGoals(w io.Writer, o options) {
	clients, connections := slices.Min(o.clients), slices.Max(o.connections)
	fmt.Fprintf(w, "\nGoals, and what %s and %s clients show. Bold is above the goal.\n", plural(connections, "connection"), thousands(clients))
	markdownHead(w, "goal", o.works)
	for _, g := range goals {
		lane, _ := laneNamed(g.lane) // it is one of the names
		fmt.Fprintf(w, "| %s, × %s |", lane.about, g.yardstick)
		for _, work := range o.works {
			text := "–"
			for _, m := range all {
				if m.lane.name == g.lane && m.work.number == work.number && m.clients == clients && m.connections == connections {
					text = all.ratioText(m, g.yardstick)
					if ratio, ok := all.ratio(m, g.yardstick); ok && ratio > g.highest[work.number] {
						text = "**" + text + "**"
					}
				}
			}
			fmt.Fprintf(w, " ≤ %g: %s |", g.highest[work.number], text)
		}
		fmt.Fprintln(w)
	}
}

func markdownOpen(w io.Writer, all []openMeasurement) {
	fmt.Fprintf(w, "\nOpen loop, %s, %s requests/s, never repeated.\n", plural(all[0].users, "user"), thousands(all[0].rate))
	fmt.Fprintln(w, "\n| clients | beside | work | p50 | p99 | slowest | CPU | peak memory | upstream calls |\n|---|---|---|---|---|---|---|---|---|")
	for _, m := range all {
		fmt.Fprintf(w, "| %s | %s | %s | %v | %v | %v | %.0f %% | %s MB | %d |\n", thousands(m.clients), m.beside, m.work.name, launch.Rounded(m.p50),
			launch.Rounded(m.p99), launch.Rounded(m.slowest), 100*m.cpu.Seconds()/m.elapsed.Seconds(), known(m.peak), m.calls)
	}
}

func markdownMemory(w io.Writer, all []memoryMeasurement) {
	fmt.Fprintln(w, "\n| clients | steady | peak | after half of the refreshes | peak | after all | peak | growth |\n|---|---|---|---|---|---|---|---|")
	for _, m := range all {
		fmt.Fprintf(w, "| %s | %s MB | %s MB | %s MB (%d) | %s MB | %s MB (%d) | %s MB | %.2f |\n", thousands(m.clients), known(m.steady.resident),
			known(m.steady.peak), known(m.first.resident), (m.refreshes+1)/2, known(m.first.peak), known(m.second.resident), m.refreshes,
			known(m.second.peak), m.growth())
	}
}

// thousands writes a number with commas.
func thousands(number int) string {
	if number < 1000 {
		return fmt.Sprint(number)
	}
	return fmt.Sprintf("%s,%03d", thousands(number/1000), number%1000)
}

func plural(number int, noun string) string {
	if number == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", number, noun)
}
