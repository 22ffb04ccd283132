package wisphubtest

import (
	"maps"
	"net/http"
	"strconv"
)

// pageSize is the default and the maximum number of rows of a page.
const pageSize = 300

// unreachableHost stands for the second host that sources saw in links. Its top-level domain is
// reserved, so a test that follows a link reaches no host and leaks no key.
const unreachableHost = "wisphub.invalid"

// pageRange is the requested part of a list.
type pageRange struct {
	limit, offset int
}

// pageRange reads limit and offset. Like Django REST framework, it ignores invalid values.
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

// parameter returns the last value of a query parameter, as Django does.
func (c *call) parameter(name string) string {
	values := c.query[name]
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// bounds returns the indexes of the range in a list of n rows.
func (pr pageRange) bounds(n int) (from, to int) {
	from = min(pr.offset, n)
	return from, from + min(pr.limit, n-from)
}

// listPage serves the requested page of rows.
func listPage[T any](c *call, rows []T) *response {
	pr := c.pageRange()
	from, to := pr.bounds(len(rows))
	page := make([][]byte, 0, to-from)
	for _, row := range rows[from:to] {
		page = append(page, encode(row))
	}
	return c.pageResponse(pr, len(rows), page)
}

// pageResponse wraps encoded rows in a page. It joins bytes itself, because encoding/json would
// parse every row again.
func (c *call) pageResponse(pr pageRange, total int, page [][]byte) *response {
	total += c.faults.WrongTotal
	page = c.faults.damagePage(pr, page)
	size := 0
	for _, row := range page {
		size += len(row) + 1
	}
	body := make([]byte, 0, size+512)
	body = append(body, `{"count":`...)
	if c.faults.NoTotal {
		body = append(body, "null"...)
	} else {
		body = strconv.AppendInt(body, int64(total), 10)
	}
	body = append(body, `,"next":`...)
	body = append(body, encode(c.next(pr, total))...)
	body = append(body, `,"previous":`...)
	body = append(body, encode(c.previous(pr))...)
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

// next returns the link to the next page, nil on the last page.
func (c *call) next(pr pageRange, total int) any {
	if pr.limit >= total-pr.offset {
		return nil
	}
	return c.link(pageRange{limit: pr.limit, offset: pr.offset + pr.limit})
}

// previous returns the link to the previous page, nil on the first page.
func (c *call) previous(pr pageRange) any {
	if pr.offset == 0 {
		return nil
	}
	return c.link(pageRange{limit: pr.limit, offset: max(pr.offset-pr.limit, 0)})
}

func (c *call) link(pr pageRange) string {
	query := maps.Clone(c.query)
	query.Set("limit", strconv.Itoa(pr.limit))
	query.Set("offset", strconv.Itoa(pr.offset))
	if pr.offset == 0 {
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
