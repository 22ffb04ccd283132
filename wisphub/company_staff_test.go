package wisphub

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"wisphub-graphql/wisphub/wisphubtest"
)

// Test14_8_CompanyWithoutStaffPermission expects a key that may not read the staff to be used if its
// clients show no company: WispHub has answered, and there is none.
func Test14_8_CompanyWithoutStaffPermission(t *testing.T) {
	t.Parallel()
	upstream := wisphubtest.New(wisphubtest.Config{Clients: 60, Tickets: -1, Seed: 1, Company: "gmail.com"})
	defer upstream.Close()
	upstream.SetKeys("k1", "k2")
	upstream.Forbid("/api/staff/")
	pipe := wisphubtest.Pipe(upstream)
	defer pipe.Close()
	log := &companyLog{}
	api, err := New(Config{Host: "http://api.wisphub.net", Key: "k1", Dial: pipe.Dial, OnCompany: log.onCompany})
	must(t, err)
	defer api.Close()
	api.SetKey("k2")
	if _, err = api.Zones.List(t.Context()); err != nil {
		t.Errorf("List with a new key that may not read the staff = %v, want the zones", err)
	}
	log.want(t, "k2/")
	if company, err := api.ReadCompany(t.Context()); err != nil || company != "" {
		t.Errorf("ReadCompany = %q, %v, want none and no error", company, err)
	}
}

// Test14_8_CompanyOfTheFirstClients expects one company for a key, whichever pages were read, if the
// provider has taken over the clients of another one: else a rotation would look like another provider.
func Test14_8_CompanyOfTheFirstClients(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	log := &companyLog{}
	api.onCompany = log.onCompany
	rows := func(from, to int) string {
		var all []string
		for id := from; id < to; id++ {
			company := "new-isp"
			if id < companyRows {
				company = "old-isp"
			}
			all = append(all, `{"id_servicio":`+strconv.Itoa(id+1)+`,"usuario":"c@`+company+`"}`)
		}
		return `{"count":600,"next":null,"previous":null,"results":[` + strings.Join(all, ",") + `]}`
	}
	mux.HandleFunc("/api/clientes/", func(w http.ResponseWriter, r *http.Request) {
		from, to := 0, 300
		switch {
		case r.URL.Query().Get("offset") == "300":
			from, to = 300, 600
		case r.URL.Query().Get("limit") == strconv.Itoa(companyRows):
			to = companyRows
		}
		reply(http.StatusOK, jsonType, rows(from, to))(w, r)
	})
	company, err := api.ReadCompany(t.Context())
	must(t, err)
	for _, offset := range []int{300, 0} {
		_, err := api.Clients.List(t.Context(), ClientListOptions{ListOptions: ListOptions{Limit: 300, Offset: offset}})
		must(t, err)
	}
	if company != "old-isp" {
		t.Errorf("ReadCompany = %q, want old-isp", company)
	}
	key := strings.TrimPrefix(testKey, "invented.")
	log.want(t, key+"/old-isp")
}
