package isp

import (
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"strings"
)

// jsonCursor is a cursor as the versions before 1 wrote it. A caller who reads pages during an
// upgrade has one.
type jsonCursor struct {
	List uint64 `json:"l"`
	ID   int    `json:"i"`
	Key  []byte `json:"k,omitempty"`
	Null bool   `json:"n,omitempty"`
}

// upgradeCursor returns a cursor in today's form, for the list with today's hash. The query is what
// the former hash was of. It returns any other text as it is.
func upgradeCursor(text string, list uint64, query ...any) string {
	const start = "ey" // base64 of an object's brace and quote
	if !strings.HasPrefix(text, start) || len(text) > maxCursor {
		return text
	}
	var c jsonCursor
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(decoded, &c) != nil || c.List != jsonListHash(query...) {
		return text
	}
	return cursor{List: list, ID: c.ID, Key: c.Key, Null: c.Null}.String()
}

func jsonListHash(query ...any) uint64 {
	encoded, err := json.Marshal(query)
	if err != nil {
		panic(err) // plain data always marshals
	}
	hash := fnv.New64a()
	hash.Write(encoded)
	return hash.Sum64()
}
