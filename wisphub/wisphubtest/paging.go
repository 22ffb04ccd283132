package wisphubtest

import (
	"maps"
	"net/http"
	"strconv"
)

// pageSize is both the rows of a page without a limit and the most that a limit gets.
const pageSize = 300

// otherHost stands for the second host that links were seen with. The top-level name is reserved, so that a client that follows
// one in a test reaches nobody, least of all with its key.
const unreachableHost = "wisphub.invalid"

// window is the part of a list that a call asks for.
type pageRange struct {
	limit, offset int
}

// window reads limit and offset as Django REST framework does: what makes no sense is ignored.
func (c *call) pageRange() pageRange {
	limit, err := strconv.Atoi(c.parameter("limit"))
	if err != nil || limit < 1 {
		limit = pageSize
	}
	if c.quirks.CapLimit {
		limit = min(limit, pageSize)
	}
	offset, err := strconv.Atoi(c.parameter("offset"))
	if err != nil {
		offset = 0
	}
	return pageRange{limit: limit, offset: max(offset, 0)}
}

// parameter returns the last value of a query parameter, the one that Django heeds.
func (c *call) parameter(name string) string {
	values := c.query[name]
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// of returns the bounds of the window in a list of n rows.
func (w pageRange) bounds(n int) (from, to int) {
	from = min(w.offset, n)
	return from, from + min(w.limit, n-from)
}

// listOf answers the part of rows that c asks for.
func listPage[T any](c *call, rows []T) response {
	w := c.pageRange()
	from, to := w.bounds(len(rows))
	page := make([][]byte, 0, to-from)
	for _, row := range rows[from:to] {
		page = append(page, encode(row))
	}
	return c.writePage(w, len(rows), page)
}

// envelope wraps a page of encoded rows. It joins bytes by hand: encoding/json would read every row again.
func (c *call) writePage(w pageRange, total int, page [][]byte) response {
	if c.faults.WrongTotal {
		total++
	}
	size := 0
	for _, row := range page {
		size += len(row) + 1
	}
	body := make([]byte, 0, size+512)
	body = append(body, `{"count":`...)
	body = strconv.AppendInt(body, int64(total), 10)
	body = append(body, `,"next":`...)
	body = append(body, encode(c.next(w, total))...)
	body = append(body, `,"previous":`...)
	body = append(body, encode(c.previous(w))...)
	body = append(body, `,"results":[`...)
	for i, row := range page {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, row...)
	}
	body = append(body, "]}"...)
	return rawResponse(http.StatusOK, "application/json", body)
}

// next returns the link to the following page, nil on the last one.
func (c *call) next(w pageRange, total int) any {
	if w.limit >= total-w.offset {
		return nil
	}
	return c.link(pageRange{limit: w.limit, offset: w.offset + w.limit})
}

// previous returns the link to the page before, nil on the first one.
func (c *call) previous(w pageRange) any {
	if w.offset == 0 {
		return nil
	}
	return c.link(pageRange{limit: w.limit, offset: max(w.offset-w.limit, 0)})
}

func (c *call) link(w pageRange) string {
	query := maps.Clone(c.query)
	query.Set("limit", strconv.Itoa(w.limit))
	query.Set("offset", strconv.Itoa(w.offset))
	if w.offset == 0 {
		query.Del("offset")
	}
	host, scheme := c.request.Host, "http://"
	if c.quirks.LinksToOtherHost {
		host = unreachableHost
	}
	if c.request.TLS != nil && !c.quirks.PlainHTTPLinks {
		scheme = "https://"
	}
	return scheme + host + c.request.URL.EscapedPath() + "?" + query.Encode()
}
