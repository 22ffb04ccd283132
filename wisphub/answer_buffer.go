package wisphub

import (
	"bytes"
	"context"
	"io"
	"sync"
)

const (
	// maxAnswerBytes bounds one list. 300 client rows are about 600 kB.
	maxAnswerBytes = 8 << 20
	// maxRecordBytes bounds one record. The longest is a task with its result.
	maxRecordBytes = 1 << 20
	// maxRefusalBytes bounds the body of any other status than 2xx.
	maxRefusalBytes = 256 << 10
	// maxRecycledAnswer bounds the buffers that are used again. A page of 300 clients is about 600 kB.
	maxRecycledAnswer = 1 << 20
	// maxLargeAnswers is how many answers of more than maxRecycledAnswer are held at the same time.
	// Every connection may bring one.
	maxLargeAnswers = 2
)

// answerBuffers are buffers for the bodies of answers. Without them, a list of 20,000 clients leaves
// 150 MB of garbage, which delays the requests that are answered meanwhile.
var answerBuffers = sync.Pool{New: func() any { return &answerBuffer{} }}

// answerBuffer holds the body of one answer.
type answerBuffer struct {
	bytes.Buffer
	large chan struct{} // where this buffer has a place; nil if it has none
}

// read reads at most so many bytes, and one more if there are more. A large answer waits for a place
// in large until ctx ends.
func (b *answerBuffer) read(ctx context.Context, from io.Reader, most int, large chan struct{}) error {
	few := min(most+1, maxRecycledAnswer)
	n, err := b.ReadFrom(io.LimitReader(from, int64(few)))
	if err != nil || int(n) < few || few > most {
		return err
	}
	select {
	case large <- struct{}{}:
		b.large = large
	case <-ctx.Done():
		return ctx.Err()
	}
	_, err = b.ReadFrom(io.LimitReader(from, int64(most+1-few)))
	return err
}

// recycle takes a buffer that is not used any more: nothing may refer to its bytes.
func (b *answerBuffer) recycle() {
	if b.large != nil {
		<-b.large
		b.large = nil
	}
	if b.Cap() <= 2*maxRecycledAnswer {
		b.Reset()
		answerBuffers.Put(b)
	}
}
