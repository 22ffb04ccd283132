package wisphubtest

import "net/http"

// Forbid makes paths answer 403 as to a key without that permission: "/api/zonas/", or with an id in its place,
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

// refuse answers a call without the key or without the permission. The real thing uses the same words for both.
func (s *Server) checkAccess(c *call) (refusal response, refused bool) {
	if c.request.Header.Get("Authorization") != "Api-Key "+Key {
		return c.rejectKey(), true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return forbidden(), s.forbidden[c.path] || s.forbidden[c.request.URL.Path]
}

func (c *call) rejectKey() response {
	if c.quirks.ForbidBadKey {
		return forbidden()
	}
	a := jsonResponse(http.StatusUnauthorized, detail("Las credenciales de autenticación no se proveyeron."))
	a.header.Set("WWW-Authenticate", "Api-Key")
	return a
}

func forbidden() response {
	return jsonResponse(http.StatusForbidden, detail("Usted no tiene permiso para realizar esta acción."))
}
