package direct

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"wisphub-graphql/graph/buffer"
)

// MaxBytes is the size of the largest answer that is written directly.
const MaxBytes = 8 << 20

const (
	// firstBytes is the room of an answer beyond the size of the last one.
	firstBytes = 2 << 10
	// rowBytes is the room that an object begins with. Most objects fit.
	rowBytes = 1 << 10
	// spareRoom is how many times its size an answer may hold while it is sent.
	spareRoom = 8
)

// Run is one execution of a plan, for one goroutine.
type Run struct {
	ctx       context.Context
	operation *graphql.OperationContext
	// arguments are those that depend on variables, by the number of their step.
	arguments []map[string]any
}

// write runs the plan. It returns false if gqlgen's executor must run the operation.
func (p *plan) write(ctx context.Context, operation *graphql.OperationContext) (data []byte, ok bool) {
	run := &Run{ctx: ctx, operation: operation}
	if p.arguments > 0 {
		run.arguments = make([]map[string]any, p.arguments)
	}
	data, ok = run.write(buffer.Get(int(p.size.Load())+firstBytes), p.root, nil)
	if !ok || len(data) > MaxBytes {
		buffer.Put(data)
		return nil, false
	}
	p.size.Store(int64(len(data)))
	if cap(data)/spareRoom > max(len(data), firstBytes) { // the last answer was much larger
		data = move(data, len(data))
	}
	return data, true
}

// Object appends the object. It returns false if gqlgen's executor must run the operation.
func (r *Run) Object(b []byte, step *Step, object any) ([]byte, bool) {
	return r.write(b, step.object, object)
}

// ObjectOf is [Run.Object] for a value that may be of several types, of which this is the name.
func (r *Run) ObjectOf(b []byte, step *Step, name string, object any) ([]byte, bool) {
	return r.write(b, step.objects[name], object)
}

func (r *Run) write(b []byte, selected *selection, object any) ([]byte, bool) {
	if selected == nil || len(b) > MaxBytes {
		return b, false
	}
	if cap(b)-len(b) < rowBytes {
		b = move(b, 2*cap(b))
	}
	for i := range selected.steps {
		step := &selected.steps[i]
		b = append(b, step.key...)
		if step.write == nil {
			continue
		}
		value, ok := object, true
		if step.resolver != nil {
			if value, ok = r.resolve(step, object); !ok {
				return b, false
			}
		}
		if b, ok = step.write(b, r, step, value); !ok {
			return b, false
		}
	}
	return append(b, '}'), true
}

func (r *Run) resolve(step *Step, object any) (value any, known bool) {
	arguments, err := step.arguments.of(r)
	if err != nil {
		return nil, false // the executor finds the same error, and presents it
	}
	return step.resolver(r.ctx, object, arguments)
}

// move moves the bytes into a slice with this room, and gives the old one back.
func move(b []byte, room int) []byte {
	moved := append(buffer.Get(room), b...)
	buffer.Put(b)
	return moved
}
