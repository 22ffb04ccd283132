package direct

import (
	"testing"

	"github.com/99designs/gqlgen/graphql"
)

// An answer begins with the room of the last one. It does not hold that room while a slow caller
// reads, because its bytes count as under way.
func Test16_3_RoomOfASmallAnswer(t *testing.T) {
	t.Parallel()
	planned := &plan{root: &selection{steps: []Step{{key: []byte(`{"__typename":"Query"`)}}}}
	for _, last := range []int{0, 10, 4 << 10, 1 << 20, MaxBytes} {
		planned.size.Store(int64(last))
		data, ok := planned.write(t.Context(), &graphql.OperationContext{})
		if string(data) != `{"__typename":"Query"}` || !ok || cap(data) > 32<<10 {
			t.Errorf("after %d bytes the answer is %s, %v, with room for %d, want 32 kB at most", last, data, ok, cap(data))
		}
	}
}
