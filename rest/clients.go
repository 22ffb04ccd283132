package rest

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"wisphub-graphql/isp"
	"wisphub-graphql/page"
)

// clientLabels are the states by which a list can be asked for: WispHub's labels, and those of GraphQL.
var clientLabels = map[string]isp.ClientStatus{
	"activo": isp.ClientActive, "suspendido": isp.ClientSuspended, "cancelado": isp.ClientCancelled, "gratis": isp.ClientFree,
	"active": isp.ClientActive, "suspended": isp.ClientSuspended, "cancelled": isp.ClientCancelled, "free": isp.ClientFree,
}

// listClients answers with all clients, or those in a state or zone, from limit and offset on.
func (a *api) listClients(w http.ResponseWriter, r *http.Request) {
	query := readQuery(r)
	filter := query.filter()
	limit, offset := query.number("limit", 1), query.number("offset", 0)
	if len(query.faults) > 0 {
		a.invalid(w, query.faults)
		return
	}
	selection, err := a.provider.Clients.Select(r.Context(), filter, "")
	if err != nil {
		a.upstreamFailed(w, r, actionError, "client", err)
		return
	}
	page := selection.Clients
	if offset != nil {
		page = page[min(*offset, len(page)):]
	}
	if limit != nil {
		page = page[:min(*limit, len(page))]
	}
	a.sendClients(w, r, "CLIENTS_LISTED", selection, page)
}

// searchClients answers with the clients that have every word.
func (a *api) searchClients(w http.ResponseWriter, r *http.Request) {
	query := readQuery(r)
	words := query.one("q")
	if len(query.faults) > 0 {
		a.invalid(w, query.faults)
		return
	}
	selection, err := a.provider.Clients.Select(r.Context(), nil, words)
	if err != nil {
		a.upstreamFailed(w, r, "CLIENT_NOT_FOUND", "client", err)
		return
	}
	action := "CLIENTS_LISTED"
	if len(selection.Clients) == 0 {
		action = "CLIENT_NOT_FOUND"
	}
	a.sendClients(w, r, action, selection, selection.Clients)
}

// clientQuery reads the parameters of a list and notes what is wrong with them.
type clientQuery struct {
	values url.Values
	faults []fault
}

// readQuery notes a query that cannot be read: left out, a filter would not filter.
func readQuery(r *http.Request) *clientQuery {
	values, err := url.ParseQuery(r.URL.RawQuery)
	q := &clientQuery{values: values}
	if err != nil {
		q.faults = append(q.faults, fault{"query", "no se pudo leer"})
	}
	return q
}

// one returns a parameter, "" when it is not given.
func (q *clientQuery) one(name string) string {
	if len(q.values[name]) > 1 {
		q.faults = append(q.faults, fault{name, "solo puede venir una vez"})
	}
	return q.values.Get(name)
}

func (q *clientQuery) filter() *isp.ClientFilter {
	filter := &isp.ClientFilter{}
	if label := q.one("status"); label != "" {
		status, known := clientLabels[strings.ToLower(label)]
		if !known {
			q.faults = append(q.faults, fault{"status", "debe ser Activo, Suspendido, Cancelado o Gratis"})
		}
		filter.Status = []isp.ClientStatus{status}
	}
	if zone := q.number("zone_id", 1); zone != nil {
		filter.ZoneID = []int{*zone}
	}
	return filter
}

// number returns a parameter, nil when it is not given.
func (q *clientQuery) number(name string, least int) *int {
	text := q.one(name)
	if text == "" {
		return nil
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < least || text[0] == '+' {
		q.faults = append(q.faults, fault{name, fmt.Sprintf("debe ser un número entero desde %d", least)})
		return nil
	}
	return &number
}

// sendClients writes clients into the answer one by one, so that there is never a second copy of all of them; 304 to who has
// them as they are.
func (a *api) sendClients(w http.ResponseWriter, r *http.Request, action string, selection *isp.ClientSelection, clients []*isp.Client) {
	header := w.Header()
	header.Set("ETag", a.etag(r, selection.Tag))
	header.Set("Cache-Control", "private, no-cache")     // to be kept, and asked about each time
	header.Add("Vary", "Accept-Encoding, Authorization") // beside that of CORS
	if isNoneMatch(joined(r, "If-None-Match"), header.Get("ETag")) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Type", "application/json; charset=utf-8")
	if page.AcceptsGzip(r) {
		header.Set("Content-Encoding", "gzip")
	}
	if r.Method == http.MethodHead {
		return
	}
	body := io.Writer(w)
	if page.AcceptsGzip(r) {
		zipped, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // a level that there is
		defer zipped.Close()
		body = zipped
	}
	a.streamClients(body, action, selection, clients)
}

// streamClients writes the envelope around the clients. Errors are of a caller who has gone away: nobody is there to be told.
func (a *api) streamClients(w io.Writer, action string, selection *isp.ClientSelection, clients []*isp.Client) {
	out := bufio.NewWriterSize(w, 32<<10)
	defer out.Flush()
	if a.lowerCase {
		action = strings.ToLower(action)
	}
	fmt.Fprintf(out, `{"ok":true,"type":"success","action":%q,"data":[`, action)
	var buffer []byte
	for i, c := range clients {
		buffer = buffer[:0]
		if i > 0 {
			buffer = append(buffer, ',')
		}
		buffer = appendClient(buffer, c)
		if _, err := out.Write(buffer); err != nil {
			return
		}
	}
	fmt.Fprintf(out, `],"message":null,"meta":{"total":%d,"as_of":%q}}`+"\n", len(selection.Clients), selection.AsOf.Format(time.RFC3339))
}

// etag names an answer: what was read when, and what was asked, of which program.
func (a *api) etag(r *http.Request, tag string) string {
	sum := fnv.New64a()
	fmt.Fprintf(sum, "%s\n%s\n%t\n%s", r.URL.EscapedPath(), r.URL.Query().Encode(), a.lowerCase, a.service)
	return `W/"` + tag + "-" + strconv.FormatUint(sum.Sum64(), 36) + `"`
}

// joined returns the lines of a header as the one list that they are.
func joined(r *http.Request, name string) string { return strings.Join(r.Header.Values(name), ",") }

// isNoneMatch reports whether a tag is among those that the caller has.
func isNoneMatch(header, tag string) bool {
	for have := range strings.SplitSeq(header, ",") {
		if have = strings.TrimSpace(have); have == "*" || have == tag || "W/"+have == tag {
			return true
		}
	}
	return false
}

// clientBy answers with the one client of a key.
func (a *api) clientBy(w http.ResponseWriter, r *http.Request, key isp.ClientKey) {
	found, err := a.provider.Clients.Find(r.Context(), key)
	switch input := (*isp.InputError)(nil); {
	case errors.As(err, &input), err == nil && found == nil:
		a.info(w, "CLIENT_NOT_FOUND", "", nil)
	case errors.Is(err, isp.ErrAmbiguous):
		a.info(w, "CLIENT_NOT_FOUND", "Varios clientes coinciden; consulte por documento o por servicio.", nil)
	case err != nil:
		a.upstreamFailed(w, r, "CLIENT_NOT_FOUND", "client", err)
	default:
		a.success(w, "CLIENT_FOUND", client{found}, nil)
	}
}

func (a *api) clientByDocument(w http.ResponseWriter, r *http.Request) {
	a.clientBy(w, r, isp.ClientKey{Document: new(r.PathValue("document"))})
}

func (a *api) clientByPhone(w http.ResponseWriter, r *http.Request) {
	a.clientBy(w, r, isp.ClientKey{Phone: new(r.PathValue("phone"))})
}

func (a *api) clientByServiceID(w http.ResponseWriter, r *http.Request) {
	a.clientBy(w, r, isp.ClientKey{ServiceID: new(pathNumber(r, "service_id"))})
}
