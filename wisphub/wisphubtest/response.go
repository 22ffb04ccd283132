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

// answer is what a handler decides. It is written in one place, where a fault may cut it.
type response struct {
	status    int
	header    http.Header
	body      []byte
	truncated bool
}

// write announces the whole length even when it cuts: net/http then closes the connection, and the client sees an
// unexpected end, as behind a proxy that died.
func (a response) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	if a.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	body := a.body
	if a.truncated {
		body = body[:len(body)/2]
	}
	_, _ = w.Write(body) // a caller that left is no concern of ours
}

func jsonResponse(status int, value any) response {
	return rawResponse(status, "application/json", encode(value))
}

func rawResponse(status int, contentType string, body []byte) response {
	return response{status: status, header: http.Header{"Content-Type": {contentType}}, body: body}
}

// encode returns value as JSON, compact and with its letters as they are. It panics on a value that JSON has no words
// for, which only a row given to PutRow can hold.
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

func notFound() response {
	return jsonResponse(http.StatusNotFound, detail("No encontrado."))
}

func methodNotAllowed(method string, methods map[string]handler) response {
	a := jsonResponse(http.StatusMethodNotAllowed, detail(fmt.Sprintf("Método %q no permitido.", method)))
	a.header.Set("Allow", strings.Join(slices.Sorted(maps.Keys(methods)), ", "))
	return a
}

// redirect answers any method with 301, as Django's APPEND_SLASH does: a POST loses its body on the way.
func redirect(to *url.URL) response {
	slashed := url.URL{Path: to.Path + "/", RawQuery: to.RawQuery}
	a := rawResponse(http.StatusMovedPermanently, htmlType, nil)
	a.header.Set("Location", slashed.String())
	return a
}

func (c *call) unknownRoute() response {
	if c.quirks.HTMLErrors {
		return panelPage(http.StatusNotFound, "Página no encontrada")
	}
	return notFound()
}

func (c *call) forbiddenByProxy() response {
	if c.quirks.HTMLErrors {
		return proxyPage(http.StatusForbidden)
	}
	return forbidden()
}

func unavailable() response {
	return proxyPage(http.StatusServiceUnavailable)
}

const htmlType = "text/html; charset=utf-8"

// serverPage is what the web server in front says when it answers by itself.
func proxyPage(status int) response {
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	return rawResponse(status, htmlType, fmt.Appendf(nil,
		"<html>\r\n<head><title>%[1]s</title></head>\r\n<body>\r\n<center><h1>%[1]s</h1></center>\r\n"+
			"<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n", title))
}

// panelPage is a page of the provider's web panel.
func panelPage(status int, title string) response {
	return rawResponse(status, htmlType, fmt.Appendf(nil,
		"<!DOCTYPE html>\n<html lang=\"es\">\n<head><meta charset=\"utf-8\"><title>%[1]s | WispHub</title></head>\n"+
			"<body><main><h1>%[1]s</h1><a href=\"/panel/\">Volver al panel</a></main></body>\n</html>\n", title))
}
