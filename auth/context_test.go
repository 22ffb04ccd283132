package auth

import "testing"

func TestFromContext(t *testing.T) {
	t.Parallel()
	if got := FromContext(t.Context()); got != nil {
		t.Errorf("FromContext(empty) = %v, want nil", got)
	}
	if got := FromContext(NewContext(t.Context(), nil)); got != nil {
		t.Errorf("FromContext(NewContext(nil)) = %v, want nil", got)
	}
	caller := &Caller{Username: "ana"}
	if got := FromContext(NewContext(t.Context(), caller)); got != caller {
		t.Errorf("FromContext(NewContext(ana)) = %v, want ana", got)
	}
}
