package isp

import "testing"

// A look-up by a key as it is stored allocates nothing.
func Test16_5_LookUpsAllocateNothing(t *testing.T) {
	upstream, provider := open(t, 50)
	warm(t, upstream, provider)
	client := provider.Clients.current().clients[7]
	document, username := client.document, client.username
	for name, key := range map[string]ClientKey{
		"service id": {ServiceID: &client.ServiceID}, "document": {Document: &document}, "username": {Username: &username},
	} {
		found := (*Client)(nil)
		got := testing.AllocsPerRun(100, func() { found, _ = provider.Clients.Find(t.Context(), key) })
		if found == nil || got > 0 {
			t.Errorf("a look-up by %s finds %v and allocates %v times, want 0", name, found, got)
		}
	}
}
