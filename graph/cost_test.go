package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/graph/document/documenttest"
)

// tooComplex returns the message for an operation that needs too many calls.
func tooComplex(calls, limit int) string {
	return fmt.Sprintf("The operation needs %d upstream calls and exceeds the maximum of %d.", calls, limit)
}

// wantRefused expects that an operation is refused before its first call, with the number of calls
// that it needs.
func (f *fixture) wantRefused(t *testing.T, document string, variables map[string]any, calls int) {
	t.Helper()
	f.upstream.Reset()
	a := f.runWith(t, document, variables)
	wantError(t, document, a, "QUERY_TOO_COMPLEX", tooComplex(calls, f.maxCalls))
	if string(a.Data) != "null" || f.upstream.Total() > 0 {
		t.Errorf("%s = %s, and cost %v, want no data and no call", document, a.body, f.upstream.Requests())
	}
}

// wantAccounts expects data, and a number of calls for accounts.
func (f *fixture) wantAccounts(t *testing.T, document string, variables map[string]any, calls int) {
	t.Helper()
	f.upstream.Reset()
	if a := f.runWith(t, document, variables); len(a.Errors) > 0 {
		t.Errorf("%s = %.300s, want data", document, a.body)
	}
	if got := f.upstream.Requests()[saldo]; got != calls {
		t.Errorf("%s cost %v, want %d accounts", document, f.upstream.Requests(), calls)
	}
}

// calls returns the number of requests by route, and each page of a list once: on a busy machine a page
// may be late and requested twice.
func (f *fixture) calls() map[string]int {
	counts, seen := f.upstream.Requests(), map[string]bool{}
	for _, request := range f.upstream.Log() {
		isPage := strings.HasPrefix(request.Query, "limit=") || strings.Contains(request.Query, "&limit=")
		page := request.Path + "?" + request.Query
		if isPage && seen[page] {
			counts["GET "+request.Path]--
		}
		seen[page] = true
	}
	return counts
}

func (f *fixture) warmUp(t testing.TB) {
	t.Helper()
	f.data(t, `{clients{totalCount} tickets{totalCount}}`)
}

func TestCost_AccountsOfLongList(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{clients: 600})
	const document = `{clients(first:500){nodes{account{owed}}}}`
	f.wantRefused(t, document, nil, 500)
	f.warmUp(t)
	f.wantRefused(t, document, nil, 500)
	f.wantRefused(t, `{clients(first:2000){nodes{account{owed}}}}`, nil, 600) // of all clients
	f.wantRefused(t, `{clients{nodes{account{owed}}}}`, nil, 50)
	f.wantRefused(t, `{clients(first:21){nodes{account{owed}}}}`, nil, 21)
}

// Accounts in memory do not count again.
func TestCost_AccountsWithinLimit(t *testing.T) {
	t.Parallel()
	const page = `query($first:Int){clients(first:$first){nodes{account{owed}}}}`
	first := func(n int) map[string]any { return map[string]any{"first": n} }
	f := newFixture(t, fixtureConfig{clients: 100})
	f.wantRefused(t, page, first(21), 21)
	// The crawl of the directory does not count, and makes lookups of other services unnecessary.
	f.wantAccounts(t, `{clients(first:20){nodes{account{owed} otherServices{name}}}}`, nil, 20)
	f.wantAccounts(t, page, first(20), 0)
	f.wantRefused(t, page, first(41), 21)
	f.wantAccounts(t, page, first(40), 20)
	f.wantAccounts(t, page, first(40), 0)
}

// With the directory in memory, only clients that match count, whatever the argument first.
func TestCost_AccountsOfFilteredList(t *testing.T) {
	t.Parallel()
	var clients []row
	for n := range 60 {
		clients = append(clients, fullRow.with(row{"id_servicio": 100 + n, "nombre": fmt.Sprintf("Zoe %d", n), "zona": row{"id": n % 20}, "saldo": fmt.Sprint(n)}))
	}
	tests := map[string]int{ // arguments, and how many clients match
		`search:"zoe 37"`:                                       1,
		`search:"zoe",filter:{zoneId:3}`:                        3,
		`filter:{zoneId:[3,4]}`:                                 6,
		`filter:{status:ACTIVE,zoneId:5}`:                       3,
		`filter:{balanceAtLeast:50}`:                            10,
		`filter:{balanceAtLeast:"49.5",balanceAtMost:50.5}`:     1,
		`filter:{cutOffTo:"2020-01-01"}`:                        0,
		`first:5,orderBy:{direction:DESC}`:                      5,
		`first:5,orderBy:{field:BALANCE}`:                       5,
		`filter:{zoneId:3},orderBy:{field:NAME,direction:DESC}`: 3,
		`filter:null,search:null,orderBy:null,first:2`:          2,
	}
	for arguments, want := range tests {
		t.Run(arguments, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fixtureConfig{})
			f.setClients(clients...)
			f.warmUp(t)
			f.wantAccounts(t, `{clients(`+arguments+`){nodes{account{owed}}}}`, nil, want)
		})
	}
}

// The arguments come from variables, and the page is in the middle of a list.
func TestCost_AccountsWithVariables(t *testing.T) {
	t.Parallel()
	const document = `query($filter:ClientFilter,$order:ClientOrder,$first:Int=45,$after:String){
		clients(filter:$filter,orderBy:$order,first:$first,after:$after){pageInfo{endCursor} nodes{account{owed}}}}`
	f := newFixture(t, fixtureConfig{})
	var clients []row
	for n := range 50 {
		clients = append(clients, fullRow.with(row{"id_servicio": 100 + n, "zona": row{"id": 1 + n%10}}))
	}
	f.setClients(clients...)
	f.warmUp(t)
	f.wantRefused(t, document, nil, 45)
	f.wantAccounts(t, document, map[string]any{"filter": map[string]any{"zoneId": 3}}, 5)
	f.wantAccounts(t, document, map[string]any{"filter": map[string]any{"zoneId": []int{4, 5}}, "order": map[string]any{"direction": "DESC"}}, 10)
	order := map[string]any{"direction": "DESC"}
	list := `query($order:ClientOrder){clients(first:35,orderBy:$order){pageInfo{endCursor}}}`
	after := into[page](t, string(f.runWith(t, list, map[string]any{"order": order}).Data)).Clients.PageInfo.EndCursor
	f.wantAccounts(t, document, map[string]any{"order": order, "after": after}, 9) // the last fifteen, six of which are in memory
}

// accountDocuments each select 30 accounts of the 40 clients, in different forms.
var accountDocuments = map[string]string{
	"nodes":            `{clients(first:30){nodes{account{owed}}}}`,
	"edges":            `{clients(first:30){edges{node{account{owed}}}}}`,
	"aliases":          `{a:clients(first:30){b:nodes{c:account{d:owed}}}}`,
	"two lists":        `{a:clients(first:15){nodes{account{owed}}} b:clients(first:15,orderBy:{direction:DESC}){nodes{account{owed}}}}`,
	"fragments":        `{...Q} fragment Q on Query{clients(first:30){nodes{...C}}} fragment C on Client{account{...A}} fragment A on Account{owed}`,
	"page's fragment":  `{clients(first:30){...P}} fragment P on ClientConnection{nodes{account{owed}}}`,
	"edge's fragment":  `{clients(first:30){edges{...E}}} fragment E on ClientEdge{node{account{owed}}}`,
	"inline fragments": `{...on Query{clients(first:30){...on ClientConnection{nodes{...{...on Client{account{owed}}}}}}}}`,
	"node fragment":    `{clients(first:30){nodes{...on Node{id ...on Client{account{owed}}}}}}`,
	"included":         `query($yes:Boolean=true){clients(first:30){nodes{account @include(if:$yes){owed}}}}`,
	"not skipped":      `{clients(first:30) @skip(if:false){nodes{account @skip(if:false){owed}}}}`,
	"both":             `{clients(first:30){nodes{name} edges{node{account{owed}}}}}`,
}

func TestCost_AccountsInEveryForm(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.warmUp(t)
	for _, document := range accountDocuments {
		f.wantRefused(t, document, nil, 30)
	}
	for _, document := range []string{
		`{clients(first:30){nodes{name account @skip(if:true){owed}}}}`,
		`query($no:Boolean=false){clients(first:30) @include(if:$no){nodes{account{owed}}} viewer{username}}`,
		`{clients(first:30){nodes{...C @skip(if:true) name}}} fragment C on Client{account{owed}}`,
		`query A{clients{totalCount}} query B{clients(first:30){nodes{account{owed}}}}`,
	} {
		body := strings.Replace(operation(t, document, nil), `{"query"`, `{"operationName":"A","query"`, 1)
		if !strings.HasPrefix(document, "query A") {
			body = operation(t, document, nil)
		}
		f.upstream.Reset()
		if a := f.send(t, request{token: f.tokenFor(t, ana), body: body}); len(a.Errors) > 0 || f.upstream.Total() > 0 {
			t.Errorf("%s = %.300s, and cost %v, want data without a call", document, a.body, f.upstream.Requests())
		}
	}
}

// Rows that lead to clients count as if each row had a client of its own.
func TestCost_AccountsBelowOtherRows(t *testing.T) {
	t.Parallel()
	tests := map[string]int{
		`{tickets(first:30){nodes{client{account{owed}}}}}`:                                         30,
		`{tickets{edges{node{client{account{owed}}}}}}`:                                             50,
		`{clients(first:3){nodes{tickets(first:10){client{account{owed}}}}}}`:                       30,
		`{clients(first:3){nodes{tickets{client{account{owed}}}}}}`:                                 60,
		`{clients(first:2000){nodes{tickets(first:2000){client{account{owed}}}}}}`:                  4_000_000,
		`{clients(first:21){nodes{otherServices{account{owed}}}}}`:                                  21,
		`{tickets(first:11){nodes{client{account{owed} tickets(first:1){client{account{owed}}}}}}}`: 22,
	}
	f := newFixture(t, fixtureConfig{})
	f.warmUp(t)
	for document, calls := range tests {
		f.wantRefused(t, document, nil, calls)
	}
	f.upstream.Reset()
	f.data(t, `{tickets(first:20){nodes{client{account{owed}}}}}`)
	if got := f.upstream.Requests()[saldo]; got < 2 || got > 20 || got != f.upstream.Total() {
		t.Errorf("the accounts of twenty tickets cost %v, want at most one account each", f.upstream.Requests())
	}
}

// The product of the lists does not fit an int.
func TestCost_NestedLists(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.warmUp(t)
	for _, depth := range []int{2, 5, 6, 7, 16, 40} {
		document := `{clients(first:2000){nodes{` + strings.Repeat(`tickets(first:2000){client{`, depth) + `account{owed}` + strings.Repeat("}}", depth) + `}}}`
		f.upstream.Reset()
		a := f.run(t, document)
		if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "QUERY_TOO_COMPLEX" || f.upstream.Total() > 0 {
			t.Errorf("%d lists deep = %.300s, and cost %v, want QUERY_TOO_COMPLEX", depth, a.body, f.upstream.Requests())
		}
	}
}

// Documents of a kilobyte expand to a billion fields.
func TestCost_ExpandingFragments(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.warmUp(t)
	for name, list := range map[string]string{"services": "otherServices{%s}", "tickets": "tickets{client{%s}}"} {
		var document strings.Builder
		document.WriteString(`{client(by:{serviceId:26}){...F0}}`)
		for n := range 30 {
			next := fmt.Sprintf(list, fmt.Sprintf("...F%d", n+1))
			fmt.Fprintf(&document, ` fragment F%d on Client{a:%s b:%s}`, n, next, next)
		}
		document.WriteString(` fragment F30 on Client{name account{owed}}`)
		began := time.Now()
		a := f.run(t, document.String())
		wantError(t, name, a, "QUERY_TOO_COMPLEX", "The query exceeds the maximum depth of 50 fields and fragments.")
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: refused after %s, want at once", name, took)
		}
	}
}

// Operations whose rows and fields multiply to a huge response are refused.
func TestCost_ResponseSize(t *testing.T) {
	t.Parallel()
	const (
		ten    = "name document phone status balance serviceId email address cutOffDate id "
		refuse = "values and exceeds the maximum of 69000."
	)
	twelve := "username locality city invoiceStatus planPrice discount installedAt updatedAt ip localIp macAddress comments "
	f := newFixture(t, fixtureConfig{})
	f.warmUp(t)
	for document, message := range map[string]string{
		`{clients(first:2000){totalCount pageInfo{endCursor} nodes{` + ten + twelve + `}}}`:                                                                 "",
		`{clients(first:2000){nodes{` + ten + twelve + documenttest.Numbered("a%d:name ", 9) + `}}}`:                                                        refuse,
		`{clients(first:2000){nodes{name otherServices{name} tickets(first:1){id subject}}}}`:                                                               "",
		`{tickets(first:2000){edges{cursor node{id client{name zone{name}}}}} zones{id name} plans{id name}}`:                                               "",
		`{` + documenttest.Numbered("a%d:clients(first:2000){nodes{"+ten+"otherServices{name} tickets(first:2000){id}} edges{cursor node{name}}}", 8) + `}`: refuse,
		`{clients(first:2000){nodes{tickets(first:2000){client{tickets(first:2000){id}}}}}}`:                                                                refuse,
		`query($n:Int=2000){` + documenttest.Numbered("a%d:clients(first:$n){...P}", 9) + `} fragment P on ClientConnection{nodes{` + ten +
			`plan{name} zone{name} otherServices{` + ten + `}}}`: refuse,
	} {
		f.upstream.Reset()
		a := f.run(t, document)
		switch {
		case message == "" && len(a.Errors) > 0:
			t.Errorf("%.200s = %.300s, want data", document, a.body)
		case message != "" && (len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "QUERY_TOO_COMPLEX" || !strings.HasSuffix(a.Errors[0].Message, message)):
			t.Errorf("%.200s = %.300s, want QUERY_TOO_COMPLEX", document, a.body)
		}
	}
}
