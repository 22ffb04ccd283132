package wisphub

import (
	"context"
	"hash/fnv"
	"io"
	"net/http"
)

const (
	// maxCataloguePages bounds the cost of one pass of a catalogue.
	maxCataloguePages = 20
	// maxCatalogueBytes bounds its memory.
	maxCatalogueBytes = 8 << 20
)

// readCatalogue reads all pages of a small collection. A caller waits for it, so a page that fails
// is not requested again. It accepts no id twice, and a count that is wrong by one row only if two
// passes agree. A list that is not whole is [ErrInvalidResponse].
func readCatalogue[R any](
	ctx context.Context, api *API, id func(*R) int, path string,
) ([]R, error) {
	return readStrictly(ctx, api, id, policy{maxPages: maxCataloguePages, maxBytes: maxCatalogueBytes}, path)
}

// readNames is readCatalogue for rows without ids. Their names prove that the pages fit together.
func readNames[R any](ctx context.Context, api *API, name func(*R) string, path string) ([]R, error) {
	id := func(row *R) int { return hashName(name(row)) }
	return readStrictly(ctx, api, id, policy{maxPages: maxCataloguePages, maxBytes: maxCatalogueBytes, names: true}, path)
}

func readStrictly[R any](
	ctx context.Context, api *API, id func(*R) int, policy policy, path string,
) ([]R, error) {
	list := func(ctx context.Context, options ListOptions) (*Page[R], error) {
		return getPage[R](ctx, api, options.values(), path)
	}
	rows, err := readAll(ctx, list, id, policy, ReadOptions[R]{})
	if isNotWhole(err) {
		return nil, namedCall(http.MethodGet, path).invalidList(err)
	}
	return rows, err
}

// hashName returns a number above 0 for a name, and 0 for none.
func hashName(name string) int {
	if name == "" {
		return 0
	}
	hash := fnv.New64a()
	_, _ = io.WriteString(hash, name) // never fails
	return int(hash.Sum64()>>2) + 1
}
