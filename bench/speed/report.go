package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"wisphub-graphql/bench/launch"
)

// print prints a line for each measurement.
func (r *results) print(w io.Writer) {
	fmt.Fprintln(w, machine())
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if len(r.closed) > 0 {
		r.closed.print(table)
	}
	if len(r.open) > 0 {
		printOpen(table, r.open)
	}
	if len(r.memory) > 0 {
		printMemory(table, r.memory)
	}
	_ = table.Flush() // an error has no consequence at the end
}

func (all measurements) print(w io.Writer) {
	fmt.Fprintln(w, "\nclients\tconnections\twork\tbytes\tlane\tCPU µs\t× bare\t× gqlgen\tp50\tp99\trequests/s\trefused\tpeak MB\tupstream calls")
	for _, m := range all {
		fmt.Fprintf(w, "%d\t%d\t%s\t%d\t%s\t%.1f\t%s\t%s\t%v\t%v\t%.0f\t%d\t%s\t%d\n", m.clients, m.connections, m.work.name, m.size,
			m.lane.name, m.perRequest(), all.ratioText(m, "bare"), all.ratioText(m, "gqlgen"), launch.Rounded(m.p50), launch.Rounded(m.p99),
			float64(m.requests)/m.elapsed.Seconds(), m.refused, known(m.peak), m.calls)
	}
}

func printOpen(w io.Writer, all []openMeasurement) {
	fmt.Fprintln(w, "\nclients\tusers\trequests/s\tbeside\tactions\twork\trequests\trefused\tp50\tp99\tslowest\tCPU %\tpeak MB\tupstream calls")
	for _, m := range all {
		fmt.Fprintf(w, "%d\t%d\t%d\t%s\t%d\t%s\t%d\t%d\t%v\t%v\t%v\t%.0f\t%s\t%d\n", m.clients, m.users, m.rate, m.beside, m.actions,
			m.work.name, m.requests, m.refused, launch.Rounded(m.p50), launch.Rounded(m.p99), launch.Rounded(m.slowest),
			100*m.cpu.Seconds()/m.elapsed.Seconds(), known(m.peak), m.calls)
	}
}

func printMemory(w io.Writer, all []memoryMeasurement) {
	fmt.Fprintln(w, "\nclients\tsteady MB\tpeak\trefreshes\tMB after half\tpeak\tMB after all\tpeak\tgrowth\trefused\tupstream calls")
	for _, m := range all {
		fmt.Fprintf(w, "%d\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%.2f\t%d\t%d\n", m.clients, known(m.steady.resident), known(m.steady.peak), m.refreshes,
			known(m.first.resident), known(m.first.peak), known(m.second.resident), known(m.second.peak), m.growth(), m.refused, m.calls)
	}
}

// ratioText returns a ratio with at most three digits, or a dash when it is unknown.
func (all measurements) ratioText(m measurement, yardstick string) string {
	ratio, ok := all.ratio(m, yardstick)
	if !ok {
		return "–"
	}
	return fmt.Sprintf("%.3g", ratio)
}

// known returns a number, or a dash for 0, which means unknown.
func known(number int64) string {
	if number == 0 {
		return "–"
	}
	return fmt.Sprint(number)
}
