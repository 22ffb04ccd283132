package playgroundtest

import "github.com/chromedp/chromedp"

// Resize gives the page a window of this size, in CSS pixels. A screenshot has the same size.
func (b *Browser) Resize(width, height int64) {
	b.t.Helper()
	b.do("resize the window", chromedp.EmulateViewport(width, height))
}
