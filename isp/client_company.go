package isp

import "wisphub-graphql/wisphub"

// Company returns the company that the usernames of the clients in memory show, "" for none. It
// makes no upstream call.
func (c *Clients) Company() string {
	entry, warm := c.directory.Peek(struct{}{})
	if !warm {
		return ""
	}
	usernames := make([]string, len(entry.Value.clients))
	for i, client := range entry.Value.clients {
		usernames[i] = string(client.Username)
	}
	return wisphub.CompanyOf(usernames)
}
