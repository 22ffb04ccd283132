package isp

import "context"

// ListNow is List from memory.
func (c *catalogue[T]) ListNow(ctx context.Context) ([]*T, bool) {
	entry, err := c.cache.GetNow(ctx, struct{}{})
	if err != nil && c.substituteNow != nil {
		return c.substituteNow(ctx, err)
	}
	return entry.Value, err == nil
}

// GetNow is Get from memory.
func (c *catalogue[T]) GetNow(ctx context.Context, id int) (*T, bool) {
	if !isID(id) {
		return nil, true
	}
	list, known := c.ListNow(ctx)
	if !known {
		return nil, false
	}
	return c.withID(list, id), true
}
