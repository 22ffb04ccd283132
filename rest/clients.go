package rest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"wisphub-graphql/inflight"
	"wisphub-graphql/isp"
	"wisphub-graphql/page"
)

// listClients answers with all clients, or with those that the query parameters select.
func (a *api) listClients(w http.ResponseWriter, r *http.Request) {
	query := readQuery(r)
	filter := query.filter()
	limit, offset := query.number("limit", 1), query.number("offset", 0)
	if len(query.errs) > 0 {
		a.invalid(w, query.errs)
		return
	}
	selection, err := a.selectClients(r, filter, "")
	if refusedByLimit(w, err) {
		return
	}
	if err != nil {
		a.upstreamFailed(w, r, actionError, "client", err)
		return
	}
	clients := selection.Clients
	whole := filter.Status == nil && filter.ZoneID == nil && limit == nil && offset == nil
	if offset != nil {
		clients = clients[min(*offset, len(clients)):]
	}
	if limit != nil {
		clients = clients[:min(*limit, len(clients))]
	}
	a.sendClients(w, r, clientList{"CLIENTS_LISTED", selection, clients, whole})
}

// searchClients answers with the clients that contain every word of q.
func (a *api) searchClients(w http.ResponseWriter, r *http.Request) {
	query := readQuery(r)
	search := query.requiredText("q")
	if len(query.errs) > 0 {
		a.invalid(w, query.errs)
		return
	}
	selection, err := a.selectClients(r, nil, search)
	if refusedByLimit(w, err) {
		return
	}
	if err != nil {
		a.upstreamFailed(w, r, "CLIENT_NOT_FOUND", "client", err)
		return
	}
	action := "CLIENTS_LISTED"
	if len(selection.Clients) == 0 {
		action = "CLIENT_NOT_FOUND"
	}
	a.sendClients(w, r, clientList{action, selection, selection.Clients, false})
}

// clientList is what an answer with clients contains.
type clientList struct {
	action    string
	selection *isp.ClientSelection
	clients   []*isp.Client // those of the selection that the caller wants
	whole     bool          // they are all clients of the directory
}

// sendClients answers with a list of clients, or with 304 when the caller already has it.
func (a *api) sendClients(w http.ResponseWriter, r *http.Request, list clientList) {
	header := w.Header()
	header.Set("ETag", a.etag(r, list.selection.Tag))
	header.Set("Cache-Control", "private, no-cache")     // callers may store it but must revalidate
	header.Add("Vary", "Accept-Encoding, Authorization") // CORS has added its own values already
	if matchesETag(headerList(r, "If-None-Match"), header.Get("ETag")) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Type", "application/json; charset=utf-8")
	zipped := page.AcceptsGzip(r)
	if zipped {
		header.Set("Content-Encoding", "gzip")
	}
	if r.Method == http.MethodHead || list.whole && a.sendReady(w, r, list, zipped) {
		return
	}
	body := io.Writer(w)
	if zipped {
		sent := bufio.NewWriterSize(w, zippedChunk)
		defer sent.Flush()
		zipped, _ := gzip.NewWriterLevel(sent, gzip.StatelessCompression) // fails only for an unknown level
		defer zipped.Close()
		body = zipped
	}
	_ = a.streamClients(r.Context(), body, list) // the caller has disconnected
}

// listBytes is the memory that a list takes while it is written: a part of its text, and pointers
// to 20,000 clients. The state of a gzip writer of another level would add a megabyte.
const listBytes = 320 << 10

// selectClients selects clients once their list may be written.
func (a *api) selectClients(r *http.Request, filter *isp.ClientFilter, search string) (*isp.ClientSelection, error) {
	underWay := inflight.FromContext(r.Context())
	if err := underWay.Reserve(r.Context(), listBytes); err != nil {
		return nil, err
	}
	return a.provider.Clients.Select(r.Context(), filter, search)
}

// listChunk is how many bytes of a list are written, and compressed, at once. zippedChunk is how many
// compressed bytes are. Each write ends the turn at the processor, so that they must not be few.
const (
	listChunk   = 64 << 10
	zippedChunk = 32 << 10
)

// streamClients writes the envelope client by client, so that the whole answer is never in memory.
// It returns the first error of a write, or that of the wait for another turn.
func (a *api) streamClients(ctx context.Context, w io.Writer, list clientList) error {
	out := bufio.NewWriterSize(w, listChunk)
	action := list.action
	if a.lowerCase {
		action = strings.ToLower(action)
	}
	fmt.Fprintf(out, `{"ok":true,"type":"success","action":%q,"data":[`, action)
	underWay := inflight.FromContext(ctx)
	var buf []byte
	for i, c := range list.clients {
		buf = buf[:0]
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = appendClient(buf, c)
		if _, err := out.Write(buf); err != nil {
			return err
		}
		if err := underWay.Resume(ctx); err != nil { // a write has ended the turn
			return err
		}
	}
	selection := list.selection
	fmt.Fprintf(out, `],"message":null,"meta":{"total":%d,"as_of":%q}}`+"\n", len(selection.Clients), selection.AsOf.Format(time.RFC3339))
	return out.Flush()
}

// etag identifies an answer by the data's version, the request, and the settings that shape it.
func (a *api) etag(r *http.Request, version string) string {
	sum := fnv.New64a()
	fmt.Fprintf(sum, "%s\n%s\n%t\n%s", r.URL.EscapedPath(), r.URL.Query().Encode(), a.lowerCase, a.service)
	return `W/"` + version + "-" + strconv.FormatUint(sum.Sum64(), 36) + `"`
}

// headerList joins the lines of a header that is a list.
func headerList(r *http.Request, name string) string { return strings.Join(r.Header.Values(name), ",") }

// matchesETag reports whether an If-None-Match header contains the tag.
func matchesETag(header, etag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || candidate == etag || "W/"+candidate == etag {
			return true
		}
	}
	return false
}

// findClient answers with the client that the key identifies.
func (a *api) findClient(w http.ResponseWriter, r *http.Request, key isp.ClientKey) {
	found, err := a.provider.Clients.Find(r.Context(), key)
	switch input := (*isp.InputError)(nil); {
	case errors.As(err, &input), err == nil && found == nil:
		a.info(w, "CLIENT_NOT_FOUND", "", nil)
	case errors.Is(err, isp.ErrAmbiguous):
		a.info(w, "CLIENT_NOT_FOUND", "Varios clientes coinciden; consulte por documento o por servicio.", nil)
	case err != nil:
		a.upstreamFailed(w, r, "CLIENT_NOT_FOUND", "client", err)
	default:
		a.success(w, "CLIENT_FOUND", clientJSON{found}, nil)
	}
}

func (a *api) clientByDocument(w http.ResponseWriter, r *http.Request) {
	a.findClient(w, r, isp.ClientKey{Document: new(r.PathValue("document"))})
}

func (a *api) clientByPhone(w http.ResponseWriter, r *http.Request) {
	a.findClient(w, r, isp.ClientKey{Phone: new(r.PathValue("phone"))})
}

func (a *api) clientByServiceID(w http.ResponseWriter, r *http.Request) {
	a.findClient(w, r, isp.ClientKey{ServiceID: new(pathID(r, "service_id"))})
}
