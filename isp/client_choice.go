package isp

import "slices"

// choose returns the client that Find returns of those that match the key.
func (k lookup) choose(clients []*Client) (*Client, error) {
	if k.field == byPhone && !oneCustomer(clients) {
		return nil, ErrAmbiguous
	}
	return preferred(clients), nil
}

// oneCustomer reports whether all clients share one document that is not empty. One client is
// always one customer.
func oneCustomer(clients []*Client) bool {
	return len(clients) < 2 || clients[0].document != "" && !slices.ContainsFunc(clients, func(other *Client) bool {
		return other.document != clients[0].document
	})
}

// preferred returns the active client, then the one with the lowest service id. It returns nil
// for none.
func preferred(clients []*Client) *Client {
	if len(clients) == 0 {
		return nil
	}
	return slices.MinFunc(clients, func(a, b *Client) int {
		if active := a.Status == ClientActive; active != (b.Status == ClientActive) {
			if active {
				return -1
			}
			return 1
		}
		return a.ServiceID - b.ServiceID
	})
}

// sameDocument is the key of the client's own and other services.
func (c *Client) sameDocument() lookup {
	return lookup{field: byDocument, normalized: c.document, typed: string(c.Document)}
}

// without returns the clients that are other services than c.
func (c *Client) without(clients []*Client) []*Client {
	others := make([]*Client, 0, len(clients))
	for _, other := range clients {
		if other.ServiceID != c.ServiceID {
			others = append(others, other)
		}
	}
	return others
}
