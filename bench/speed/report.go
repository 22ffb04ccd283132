package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"wisphub-graphql/bench/launch"
)

// print prints a line for each measurement.
func (all measurements) print(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "clients\tconnections\twork\tbytes\tlane\tCPU µs\t× bare\t× gqlgen\tp50\tp99\trequests/s\tpeak MB\tupstream calls")
	for _, m := range all {
		fmt.Fprintf(table, "%d\t%d\t%s\t%d\t%s\t%.1f\t%s\t%s\t%v\t%v\t%.0f\t%s\t%d\n", m.clients, m.connections, m.work.name, m.size,
			m.lane.name, m.perRequest(), all.ratioText(m, "bare"), all.ratioText(m, "gqlgen"), launch.Rounded(m.p50), launch.Rounded(m.p99),
			float64(m.requests)/m.elapsed.Seconds(), known(m.peak), m.calls)
	}
	_ = table.Flush() // an error has no consequence at the end
}

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
