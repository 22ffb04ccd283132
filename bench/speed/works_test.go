package main

import (
	"errors"
	"strings"
	"testing"
)

// Test16_8_WrongAnswers expects every way in which an answer can be wrong to be found.
func Test16_8_WrongAnswers(t *testing.T) {
	t.Parallel()
	one := works[0]
	const right = `{"data":{"client":{"serviceId":7,"name":"Ana","status":"ACTIVE"}}}`
	for name, test := range map[string]struct {
		answer string
		wrong  bool
	}{
		"right":            {right, false},
		"no JSON":          {`{"data"`, true},
		"an error":         {`{"errors":[{"message":"no"}],"data":{"client":{"serviceId":7,"name":"Ana","status":"ACTIVE"}}}`, true},
		"another client":   {strings.Replace(right, "7", "8", 1), true},
		"no name":          {strings.Replace(right, `"Ana"`, "null", 1), true},
		"no client":        {`{"data":{"client":null}}`, true},
		"no data":          {`{}`, true},
		"another root":     {strings.Replace(right, "client", "clients", 1), true},
		"a row as the one": {`{"data":{"client":[]}}`, true},
	} {
		if _, err := one.check([]byte(test.answer), 7); errors.Is(err, errWrong) != test.wrong {
			t.Errorf("%s: check = %v, want wrong %t", name, err, test.wrong)
		}
	}
	list := work{name: "list", root: "clients", rows: 2, required: []string{"plan.price"}}
	for answer, wrong := range map[string]bool{
		`{"data":{"clients":{"totalCount":9,"nodes":[{"a":1,"plan":{"price":"2"}},{"a":2,"plan":null}]}}}`: false,
		`{"data":{"clients":{"totalCount":1,"nodes":[{"a":1,"plan":{"price":"2"}}]}}}`:                     false,
		`{"data":{"clients":{"totalCount":9,"nodes":[{"a":1,"plan":{"price":"2"}}]}}}`:                     true, // too short
		`{"data":{"clients":{"totalCount":0,"nodes":[]}}}`:                                                 true,
		`{"data":{"clients":{"totalCount":2,"nodes":[{"a":1},{"a":2}]}}}`:                                  true, // no price
		`{"data":{"clients":{"totalCount":2,"nodes":[{"plan":{"price":"2"}},{"plan":{"price":"2"}}]}}}`:    true, // twice
	} {
		if _, err := list.check([]byte(answer), 0); errors.Is(err, errWrong) != wrong {
			t.Errorf("check(%s) = %v, want wrong %t", answer, err, wrong)
		}
	}
}
