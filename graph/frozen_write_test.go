package graph_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
)

// Test16_2_WritesOfOneInstant checks that each write is seen, with and without sharing, also if a coarse
// clock shows one time for all of them.
func Test16_2_WritesOfOneInstant(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSharing(t, fixtureConfig{})
		token, ticketID := s.tokenFor(t, ana), s.upstream.TicketIDs()[0]
		ask := func(handler http.Handler, document string) string {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, request{token: token, body: operation(t, document, nil)}.build(t, "http://127.0.0.1/graphql"))
			return text(t, w.Body)
		}
		ask(s.handler, `{clients{totalCount} tickets{totalCount}}`)
		read := fmt.Sprintf(`{client(by:{serviceId:26}){city} ticket(ticketId:%d){priority} clients(search:"26"){nodes{city}}}`, ticketID)
		for n, priority := range []string{"LOW", "HIGH", "NORMAL", "LOW"} {
			city := fmt.Sprintf("Bello %d", n)
			written := ask(s.sharing, fmt.Sprintf(`mutation{updateClient(input:{serviceId:26 city:%q}){client{city}}
				updateTicket(input:{ticketId:%d priority:%s}){ticket{priority}}}`, city, ticketID, priority))
			if !strings.Contains(written, city) || !strings.Contains(written, priority) {
				t.Fatalf("the write = %s, want %s and %s", written, city, priority)
			}
			want := fmt.Sprintf(`{"data":{"client":{"city":%q},"ticket":{"priority":%q},"clients":{"nodes":[{"city":%q}`, city, priority, city)
			for range 3 {
				for name, handler := range map[string]http.Handler{"with": s.sharing, "without": s.handler} {
					if got := ask(handler, read); !strings.HasPrefix(got, want) {
						t.Errorf("write %d %s sharing = %s, want %s", n, name, got, want)
					}
				}
			}
		}
	})
}
