package wisphub

import (
	"bytes"
	"sync"
)

// maxRecycledAnswer bounds the buffers that are used again. A page of 300 clients is about 600 kB.
const maxRecycledAnswer = 1 << 20

// answerBuffers are buffers for the bodies of answers. Without them, a list of 20,000 clients leaves
// 150 MB of garbage, which delays the requests that are answered meanwhile.
var answerBuffers sync.Pool

func newAnswerBuffer() *bytes.Buffer {
	if buffer, ok := answerBuffers.Get().(*bytes.Buffer); ok {
		return buffer
	}
	return &bytes.Buffer{}
}

// recycleAnswer takes a buffer that is not used any more.
func recycleAnswer(buffer *bytes.Buffer) {
	if buffer.Cap() <= maxRecycledAnswer {
		buffer.Reset()
		answerBuffers.Put(buffer)
	}
}
