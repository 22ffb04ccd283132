package wisphub

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"
)

// hostilePage is an answer that costs much more memory than its text, or is very long.
type hostilePage struct {
	status            int
	start, part, stop string
	parts             int
	zipped            bool
}

func (p hostilePage) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", jsonType)
	var out io.Writer = w
	if p.zipped {
		w.Header().Set("Content-Encoding", "gzip")
		zipped := gzip.NewWriter(w)
		defer zipped.Close()
		out = zipped
	}
	w.WriteHeader(p.status)
	_, _ = io.WriteString(out, p.start)
	chunk := strings.Repeat(p.part, max(1, min(p.parts, 32<<10/len(p.part))))
	for left := p.parts; left > 0; left -= len(chunk) / len(p.part) {
		if _, err := io.WriteString(out, chunk); err != nil {
			return
		}
	}
	_, _ = io.WriteString(out, p.stop)
}

// times returns how many parts fill a whole answer.
func times(part string) int { return (maxAnswerBytes - 1<<10) / len(part) }

func hostilePages() map[string]hostilePage {
	pages := map[string]hostilePage{}
	list := func(name, part, last string) {
		pages[name] = hostilePage{200, `{"count": 900000, "results": [`, part, last + `]}`, times(part), false}
	}
	list("millions of empty rows", `{},`, `{}`)
	list("millions of numbers", `0,`, `0`)
	list("rows of long texts", `{"id_servicio":1,"id_ticket":1,"id":1,"direccion":"`+strings.Repeat("x", 900)+`","comentarios":"`+
		strings.Repeat("y", 4900)+`"},`, `{}`)
	list("one row of many keys", `{"id":1},`, `{`+strings.Repeat(`"k":0,`, 100)+`"z":0}`)
	list("many small rows", `{"id_servicio":1,"nombre":"`+strings.Repeat("x", 1500)+`"},`, `{}`)
	answers := `{"respuesta":1},`
	pages["millions of answers"] = hostilePage{200, `{"id_ticket":5,"count":1,"results":[{"id_ticket":5,"respuestas":[`, answers, `{}]}]}`, times(answers), false}
	invoice := `{"id":1},`
	pages["millions of invoices"] = hostilePage{200, `{"saldo":1,"facturas":[`, invoice, `{}]}`, 100_000, false}
	pages["a long text"] = hostilePage{200, `{"count":1,"results":[{"id_servicio":1,"nombre":"`, "x", `"}]}`, times("x"), false}
	pages["deep lists"] = hostilePage{200, ``, "[", ``, times("["), false}
	pages["many keys"] = hostilePage{200, `{"task":{"status":"SUCCESS"},"a":[`, `{"b":0},`, `0]}`, 120_000, false}
	pages["a small file that unpacks to 64 MB"] = hostilePage{200, `[`, ` `, `]`, 1 << 26, true}
	pages["a long refusal"] = hostilePage{400, `{"detail":[`, `{},`, `{}]}`, times(`{},`), false}
	pages["a refusal at the limit"] = hostilePage{400, `{"detail":[`, `{},`, `{}]}`, 80_000, false}
	pages["a long failure"] = hostilePage{500, `{"detail":[`, `[],`, `{}]}`, times(`{},`), false}
	return pages
}

// peakHeap returns the most memory in use while test runs, beyond what was in use before.
func peakHeap(test func()) int {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	heap := func() int {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int(stats.HeapAlloc)
	}
	runtime.GC()
	before, peak, done, stopped := heap(), 0, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for ticker := time.NewTicker(5 * time.Millisecond); ; {
			select {
			case <-ticker.C:
				peak = max(peak, heap())
			case <-done:
				ticker.Stop()
				return
			}
		}
	}()
	test()
	close(done)
	<-stopped
	return peak - before
}

// Whatever the upstream answers, the memory stays within a bound. The reads go out at the same time.
// The test is not parallel, because it measures the whole process.
func Test15_3_HostileAnswers(t *testing.T) {
	const most = maxHostileMB << 20
	for name, page := range hostilePages() {
		t.Run(name, func(t *testing.T) {
			api := open(t, Config{Host: serve(t, page)})
			ctx := inBackground(t)
			reads := []func() (any, error){
				func() (any, error) { return api.Clients.List(ctx, ClientListOptions{}) },
				func() (any, error) { return api.Clients.List(ctx, ClientListOptions{ServiceID: 26}) },
				func() (any, error) { return api.Tickets.List(ctx, TicketListOptions{}) },
				func() (any, error) { return api.Clients.Account(ctx, 26) },
				func() (any, error) { return api.Tasks.Get(ctx, "26") },
				func() (any, error) { return nil, createTicket(ctx, api) },
			}
			peak := peakHeap(func() {
				var group sync.WaitGroup
				for _, read := range reads {
					group.Go(func() {
						_, _ = read() // some are good answers
					})
				}
				group.Wait()
			})
			t.Logf("peak %d MB", peak>>20)
			if peak > most {
				t.Errorf("peak %d MB, want at most %d", peak>>20, most>>20)
			}
		})
	}
}

// A list that is good in every page, but too large, ends as an invalid answer, at a bounded cost. The
// memory of one reading stays within a bound.
func Test15_3_ReadingIsBounded(t *testing.T) {
	comments := strings.Repeat("y", 4500)
	upstream := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		offset := 0
		_, _ = fmt.Sscan(r.FormValue("offset"), &offset)
		w.Header().Set("Content-Type", jsonType)
		_, _ = io.WriteString(w, `{"count": 250000, "results": [`)
		for i := range MaxLimit {
			_, _ = fmt.Fprintf(w, `{"id_servicio": %d, "comentarios": %q},`, offset+i+1, comments)
		}
		_, _ = fmt.Fprintf(w, `{"id_servicio": %d}]}`, offset+MaxLimit+1)
	})
	api := open(t, Config{Host: serve(t, upstream), MinuteLimit: 100_000, HourLimit: 1_000_000})
	var err error
	peak := peakHeap(func() {
		_, err = ReadAllWith(t.Context(), func(ctx context.Context, o ListOptions) (*Page[Client], error) {
			return api.Clients.List(ctx, ClientListOptions{ListOptions: o})
		}, clientID, ReadOptions[Client]{First: true})
	})
	t.Logf("peak %d MB, %d calls", peak>>20, api.Usage().LastHour)
	if !errors.Is(err, ErrInvalidResponse) || !isTooLarge(err) {
		t.Errorf("ReadAll = %v, want %v", err, ErrInvalidResponse)
	}
	if peak > 3*DefaultMaxBytes || api.Usage().LastHour > 150 {
		t.Errorf("the list took %d MB and %d calls, want at most %d MB and 150", peak>>20, api.Usage().LastHour, 3*DefaultMaxBytes>>20)
	}
}

func TestCountElements(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]int{
		`[]`: {0, 0}, `[ ]`: {0, 0}, `[1]`: {1, 0}, `[1,2]`: {2, 0}, `["a,b","\",\\"]`: {2, 0}, `[[],[]]`: {2, 0}, `[[1,2],[3]]`: {2, 3},
		`{"count": 1, "results": [{"a": [1, 2]}, {}, 3]}`: {2, 3}, `{}`: {0, 0}, `"x"`: {0, 0}, `[{"a":1,"b":2}]`: {1, 2}, `[""]`: {1, 0}, `[{}]`: {1, 0},
	} {
		if got := [2]int{countElements([]byte(text), 1), countElements([]byte(text), 2)}; got != want {
			t.Errorf("countElements(%s) at 1 and 2 = %v, want %v", text, got, want)
		}
	}
}
