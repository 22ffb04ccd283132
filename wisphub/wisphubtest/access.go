package wisphubtest

import (
	"net/http"
	"slices"
	"strings"
)

// SetKeys replaces the keys that are accepted, as the provider does in WispHub's panel.
func (s *Server) SetKeys(keys ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = slices.Clone(keys)
}

// Forbid makes paths answer 403, as WispHub does for a key without the permission. A path is
// literal, such as "/api/zonas/", or has {id} in place of an id, such as
// "/api/clientes/{id}/saldo/".
func (s *Server) Forbid(paths ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, path := range paths {
		s.forbidden[path] = true
	}
}

// Allow undoes [Server.Forbid].
func (s *Server) Allow(paths ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, path := range paths {
		delete(s.forbidden, path)
	}
}

// checkAccess returns the rejection of a call without the key or the permission, nil for a valid
// call. WispHub sends the same text in both cases.
func (s *Server) checkAccess(c *call) *response {
	key, hasScheme := strings.CutPrefix(c.request.Header.Get("Authorization"), "Api-Key ")
	s.mu.Lock()
	defer s.mu.Unlock()
	if !hasScheme || !slices.Contains(s.keys, key) {
		return c.rejectKey()
	}
	if s.forbidden[c.path] || s.forbidden[c.request.URL.Path] {
		return forbidden()
	}
	return nil
}

func (c *call) rejectKey() *response {
	if c.quirks.ForbidBadKey {
		return forbidden()
	}
	r := jsonResponse(http.StatusUnauthorized, detail("Las credenciales de autenticación no se proveyeron."))
	r.header.Set("WWW-Authenticate", "Api-Key")
	return r
}

func forbidden() *response {
	return jsonResponse(http.StatusForbidden, detail("Usted no tiene permiso para realizar esta acción."))
}
