package wisphub

import "context"

// maxCataloguePages bounds the cost of one pass of a catalogue.
const maxCataloguePages = 20

// readCatalogue reads all pages of a small collection. A caller waits for it, so a page that fails
// is not requested again. It accepts no id twice. A list that is not whole is
// [ErrInvalidResponse].
func readCatalogue[R any](
	ctx context.Context, api *API, id func(*R) int, elements ...string,
) ([]R, error) {
	page := func(ctx context.Context, options ListOptions) (*Page[R], error) {
		return getPage[R](ctx, api, options.values(), elements...)
	}
	rows, err := readAll(ctx, page, id, policy{maxPages: maxCataloguePages})
	if isNotWhole(err) {
		return nil, newRead(elements[0]).invalidList(err)
	}
	return rows, err
}

// noID is for lists whose rows have no id.
func noID[R any](*R) int { return 0 }
