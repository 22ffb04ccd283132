package rest

import (
	"encoding/json"
	"strings"
	"testing"
)

// REST sends a subject as GraphQL does, and shows it as it was written.
func Test15_Small_SubjectWithoutTags(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	got := s.call(t, "ana", "POST", "/api/v1/tickets", `{"service_id":30,"subject":"1 < 2 & <b>","description":"x"}`)
	if !strings.Contains(got.body, `"subject":"1 < 2 & <b>"`) {
		t.Errorf("POST tickets = %s, want the subject as it was sent", got.body)
	}
	var created struct{ Data ticket }
	if err := json.Unmarshal([]byte(got.body), &created); err != nil {
		t.Fatal(err)
	}
	if sent := s.upstream.Ticket(created.Data.TicketID)["asunto"]; sent != "1 &lt; 2 & &lt;b&gt;" {
		t.Errorf("WispHub got the subject %v, want < and > escaped", sent)
	}
}

func Test15_Small_RecordWithTagsIsRefused(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	for _, field := range []string{"name", "last_name", "document", "phone", "address", "locality", "city"} {
		got := s.call(t, "ana", "PUT", "/api/v1/clients/26", `{"`+field+`":"<b>Ana"}`)
		if got.status != 422 || !strings.Contains(got.body, field) || !strings.Contains(got.body, "< y >") {
			t.Errorf("PUT %s with a tag = %d %s, want 422 that names it", field, got.status, got.body)
		}
	}
}
