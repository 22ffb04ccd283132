package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestRequestID(t *testing.T) {
	t.Parallel()
	s, _ := startApp(t, http.NotFoundHandler(), nil)
	for id, kept := range map[string]bool{
		"abc-123_X.y": true, strings.Repeat("a", 64): true,
		"": false, "with space": false, "quote\"": false, strings.Repeat("a", 65): false,
	} {
		_, header, _ := s.do(http.MethodGet, "/health", "", http.Header{"X-Request-Id": {id}})
		if got := header.Get("X-Request-Id"); (got == id) != kept || got == "" {
			t.Errorf("X-Request-Id %q is answered with %q, want it kept: %v", id, got, kept)
		}
	}
}

func TestRequestLog_WithoutPaths(t *testing.T) {
	t.Parallel()
	s, log := startDemo(t, nil, "-clients", "5")
	s.do(http.MethodGet, "/api/v1/clients/by-document/1032456789", "", nil)
	s.do(http.MethodGet, "/nowhere/1032456789?q=1032456789", "", nil)
	if text := log.String(); strings.Contains(text, "1032456789") || !strings.Contains(text, "msg=request") {
		t.Errorf("log = %s, want requests without the document", text)
	}
}
