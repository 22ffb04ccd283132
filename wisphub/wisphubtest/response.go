package wisphubtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// response is the result of a handler. Only write sends it, so that a fault can truncate it.
type response struct {
	status    int
	header    http.Header
	body      []byte
	truncated bool
}

// write announces the full length even if it truncates. net/http then closes the connection, and
// the client gets an unexpected EOF, as behind a crashed proxy.
func (r *response) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), r.header)
	if r.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	}
	w.WriteHeader(r.status)
	body := r.body
	if r.truncated {
		body = body[:len(body)/2]
	}
	_, _ = w.Write(body) // fails only if the caller left
}

func jsonResponse(status int, value any) *response {
	return rawResponse(status, "application/json", encode(value))
}

func rawResponse(status int, contentType string, body []byte) *response {
	return &response{status: status, header: http.Header{"Content-Type": {contentType}}, body: body}
}

// encode returns value as compact JSON without HTML escapes. It panics on values that
// encoding/json cannot encode, which only the rows of a test can hold.
func encode(value any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Sprintf("wisphubtest: encoding %T: %v", value, err))
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}

func detail(text string) map[string]string {
	return map[string]string{"detail": text}
}

func notFound() *response {
	return jsonResponse(http.StatusNotFound, detail("No encontrado."))
}

func methodNotAllowed(method string, methods map[string]handler) *response {
	r := jsonResponse(http.StatusMethodNotAllowed, detail(fmt.Sprintf("Método %q no permitido.", method)))
	r.header.Set("Allow", strings.Join(slices.Sorted(maps.Keys(methods)), ", "))
	return r
}

// redirect answers every method with 301, like Django's APPEND_SLASH. A redirected POST loses its
// body.
func redirect(to *url.URL) *response {
	slashed := url.URL{Path: to.Path + "/", RawQuery: to.RawQuery}
	r := rawResponse(http.StatusMovedPermanently, htmlType, nil)
	r.header.Set("Location", slashed.String())
	return r
}

func (c *call) unknownRoute() *response {
	if c.quirks.HTMLErrors {
		return panelPage(http.StatusNotFound, "Página no encontrada")
	}
	return notFound()
}

func (c *call) forbiddenByProxy() *response {
	if c.quirks.HTMLErrors {
		return proxyPage(http.StatusForbidden)
	}
	return forbidden()
}

func unavailable() *response {
	return proxyPage(http.StatusServiceUnavailable)
}

const htmlType = "text/html; charset=utf-8"

// proxyPage is an error page of the web server in front of WispHub.
func proxyPage(status int) *response {
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	return rawResponse(status, htmlType, fmt.Appendf(nil,
		"<html>\r\n<head><title>%[1]s</title></head>\r\n<body>\r\n<center><h1>%[1]s</h1></center>\r\n"+
			"<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n", title))
}

// panelPage is a page of WispHub's web panel.
func panelPage(status int, title string) *response {
	return rawResponse(status, htmlType, fmt.Appendf(nil,
		"<!DOCTYPE html>\n<html lang=\"es\">\n<head><meta charset=\"utf-8\"><title>%[1]s | WispHub</title></head>\n"+
			"<body><main><h1>%[1]s</h1><a href=\"/panel/\">Volver al panel</a></main></body>\n</html>\n", title))
}
