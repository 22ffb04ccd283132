package launch

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

func TestUpstream_Outage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u := &Upstream{Simulator: wisphubtest.New(wisphubtest.Config{Clients: 1})}
		go u.Outage(t.Context(), time.Minute, 2*time.Minute)
		for minute, want := range []int{200, 503, 503, 200} {
			time.Sleep(time.Second)
			synctest.Wait()
			if got := status(u, "/api/clientes/"); got != want {
				t.Errorf("status = %d in minute %d, want %d", got, minute, want)
			}
			time.Sleep(59 * time.Second)
		}
	})
}

// Refused calls count, as they do at WispHub.
func TestUpstream_Calls(t *testing.T) {
	t.Parallel()
	u := &Upstream{Simulator: wisphubtest.New(wisphubtest.Config{Clients: 1})}
	for _, path := range []string{"/api/clientes/", "/api/clientes/1/saldo/", "/api/zonas/", "/nowhere"} {
		status(u, path)
	}
	if all, directory := u.Calls(); len(all) != 4 || len(directory) != 1 {
		t.Errorf("calls() = %d calls, %d for the directory, want 4 and 1", len(all), len(directory))
	}
}

func TestUpstream_Fail(t *testing.T) {
	t.Parallel()
	u := &Upstream{Simulator: wisphubtest.New(wisphubtest.Config{Clients: 1})}
	u.Fail("/api/zonas/")
	for path, want := range map[string]int{"/api/zonas/": 500, "/api/clientes/": 200} {
		if got := status(u, path); got != want {
			t.Errorf("status of %s = %d, want %d", path, got, want)
		}
	}
}

func TestBusiest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		seconds []float64
		want    int
	}{
		"none":               {nil, 0},
		"one":                {[]float64{5}, 1},
		"the end is outside": {[]float64{0, 60}, 1},
		"just inside":        {[]float64{0, 59.999}, 2},
		"across a minute":    {[]float64{0, 50, 70, 100, 109}, 4},
	} {
		var times []time.Time
		for _, second := range test.seconds {
			times = append(times, time.Unix(0, int64(second*1e9)))
		}
		if got := Busiest(times, time.Minute); got != test.want {
			t.Errorf("Busiest(%s) = %d, want %d", name, got, test.want)
		}
	}
}

func status(handler http.Handler, path string) int {
	request := httptest.NewRequest(http.MethodGet, path, nil)
	request.Header.Set("Authorization", "Api-Key "+wisphubtest.Key)
	response := httptest.NewRecorder()
	handler.ServeHTTP(response, request)
	return response.Code
}
