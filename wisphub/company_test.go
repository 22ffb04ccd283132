package wisphub

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

func Test14_8_CompanyOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ usernames, want string }{
		{"", ""},
		{"0026_ana@demo-isp", "demo-isp"},
		{"0026_ana@demo-isp , 0027_luz@Demo-ISP", "demo-isp"},
		{"a@x,b@x,c@x,d@x,e@y", "x"},
		{"a@x,b@x,c@x,d@y", ""},  // three in four
		{",,,a@x,,", "x"},        // null usernames say nothing
		{"a,b,c,d@x", ""},        // without a company
		{"a@gmail.com", ""},      // shared by many providers
		{"a@b@x,c@d@x,@,@,", ""}, // malformed
	} {
		if got := CompanyOf(strings.Split(c.usernames, ",")); got != c.want {
			t.Errorf("CompanyOf(%s) = %q, want %q", c.usernames, got, c.want)
		}
	}
}

// companyLog records the calls of OnCompany and refuses the companies other than own.
type companyLog struct {
	own  string
	mu   sync.Mutex
	seen []string // guarded by mu
}

func (l *companyLog) onCompany(key, company string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, strings.TrimPrefix(key, "invented.")+"/"+company)
	if company != l.own {
		return errors.New("another provider")
	}
	return nil
}

func (l *companyLog) want(t *testing.T, want string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if got := strings.Join(l.seen, " "); got != want {
		t.Errorf("OnCompany was called with %q, want %q", got, want)
	}
}

// withCompany runs test in virtual time with an API of a provider whose key is k1.
func withCompany(t *testing.T, test func(t *testing.T, api *API, upstream *wisphubtest.Server, log *companyLog)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		upstream := wisphubtest.New(wisphubtest.Config{Clients: 400, Tickets: -1, Seed: 1})
		upstream.SetKeys("k1", "k2")
		pipe := wisphubtest.Pipe(upstream)
		defer pipe.Close()
		defer upstream.Close()
		log := &companyLog{own: "demo-isp"}
		api, err := New(Config{Host: "http://api.wisphub.net", Key: "k1", Dial: pipe.Dial, OnCompany: log.onCompany})
		if err != nil {
			t.Fatal(err)
		}
		defer api.Close()
		test(t, api, upstream, log)
	})
}

// Test14_8_OnCompany expects pages of the whole list, and no others, to show the company once.
func Test14_8_OnCompany(t *testing.T) {
	t.Parallel()
	withCompany(t, func(t *testing.T, api *API, upstream *wisphubtest.Server, log *companyLog) {
		list := func(options ClientListOptions) {
			t.Helper()
			_, err := api.Clients.List(t.Context(), options)
			must(t, err)
		}
		list(ClientListOptions{ServiceID: 26})
		log.want(t, "")
		list(ClientListOptions{ListOptions: ListOptions{Offset: 300}})
		list(ClientListOptions{})
		log.want(t, "k1/demo-isp")
		upstream.Reset()
		if company, err := api.ReadCompany(t.Context()); err != nil || company != "demo-isp" || upstream.Total() != 1 {
			t.Errorf("ReadCompany = %q, %v after %d calls, want demo-isp after one", company, err, upstream.Total())
		}
	})
}

// Test14_8_NewKeyIsChecked expects one call to show the company of a new key before anything else
// is sent with it, however many callers wait.
func Test14_8_NewKeyIsChecked(t *testing.T) {
	t.Parallel()
	withCompany(t, func(t *testing.T, api *API, upstream *wisphubtest.Server, log *companyLog) {
		_, err := api.Zones.List(t.Context())
		must(t, err)
		log.want(t, "")
		api.SetKey("k2")
		api.SetKey("k2")
		upstream.Reset()
		var callers sync.WaitGroup
		for range 10 {
			callers.Go(func() {
				_, err := api.Plans.List(t.Context())
				must(t, err)
			})
		}
		callers.Wait()
		log.want(t, "k2/demo-isp")
		if got := upstream.Requests()["GET /api/clientes/"]; got != 1 {
			t.Errorf("the company was read %d times, want once", got)
		}
	})
}

// Test14_8_KeyOfAnotherProvider expects nothing to be sent with a key of another provider, but the
// one call that shows it.
func Test14_8_KeyOfAnotherProvider(t *testing.T) {
	t.Parallel()
	withCompany(t, func(t *testing.T, api *API, upstream *wisphubtest.Server, log *companyLog) {
		log.own = "own-isp"
		api.SetKey("k2")
		upstream.Reset()
		for range 3 {
			_, err := api.Zones.List(t.Context())
			if !errors.Is(err, ErrOtherProvider) || !errors.Is(err, ErrForbidden) {
				t.Errorf("List with a key of another provider = %v, want ErrOtherProvider", err)
			}
			_, err = api.Clients.Ping(t.Context(), 26, PingRequest{Pings: 4})
			if !errors.Is(err, ErrOtherProvider) || errors.Is(err, ErrOutcomeUnknown) {
				t.Errorf("Ping with a key of another provider = %v, want ErrOtherProvider", err)
			}
		}
		if got := upstream.Total(); got != 1 {
			t.Errorf("%d calls with the key of another provider, want one", got)
		}
		log.own = "demo-isp"
		api.SetKey("k1") // the operator corrects the mistake
		_, err := api.Zones.List(t.Context())
		must(t, err)
	})
}

// Test14_8_NewKeyWhileWispHubIsAway expects the check to be repeated until WispHub answers.
func Test14_8_NewKeyWhileWispHubIsAway(t *testing.T) {
	t.Parallel()
	withCompany(t, func(t *testing.T, api *API, upstream *wisphubtest.Server, log *companyLog) {
		api.SetKey("k2")
		upstream.SetFaults(wisphubtest.Faults{Down: true})
		if _, err := api.Zones.List(t.Context()); !errors.Is(err, ErrUnavailable) {
			t.Errorf("List = %v while WispHub is down, want ErrUnavailable", err)
		}
		upstream.SetFaults(wisphubtest.Faults{Latency: time.Second})
		ctx, leave := context.WithTimeout(t.Context(), time.Second/2)
		defer leave()
		var callers sync.WaitGroup
		callers.Go(func() { _, _ = api.Zones.List(ctx) }) // leaves during the check
		synctest.Wait()
		callers.Go(func() {
			_, err := api.Zones.List(t.Context())
			must(t, err)
		})
		callers.Wait()
		log.want(t, "k2/demo-isp")
	})
}

// Test14_8_KeyChangesInTheQueue expects a call that waits for the budget to fail rather than to be
// sent with a key that was not checked.
func Test14_8_KeyChangesInTheQueue(t *testing.T) {
	t.Parallel()
	var other atomic.Int32
	api, mux := setup(t)
	api.onCompany = func(string, string) error { return errors.New("another provider") }
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Api-Key "+testKey && r.URL.Path == "/api/zonas/" {
			other.Add(1)
		}
		reply(http.StatusOK, jsonType, `{"count":0,"next":null,"previous":null,"results":[]}`)(w, r)
	})
	c := api.newCall(http.MethodGet, nil, "zonas")
	must(t, api.admit(t.Context(), c))
	api.SetKey("canary-second-key")
	if _, err := api.send(t.Context(), c, &answerBuffer{}, maxAnswerBytes); !errors.Is(err, ErrUnavailable) || !isInconclusive(err) {
		t.Errorf("send after the key was replaced = %v, want an error that says nothing about WispHub", err)
	}
	if _, err := api.Zones.List(t.Context()); !errors.Is(err, ErrOtherProvider) || other.Load() != 0 {
		t.Errorf("List = %v after %d calls with the new key, want ErrOtherProvider after none", err, other.Load())
	}
}
