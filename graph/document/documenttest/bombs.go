// Package documenttest has documents that are small but costly to validate, for tests.
package documenttest

import (
	"fmt"
	"maps"
	"strings"
)

// Bomb is a small request that is costly without limits.
type Bomb struct {
	Document  string
	Variables string // JSON
	Code      string // the error code of the response; empty for QUERY_TOO_COMPLEX
}

// Body returns the body of the request. Some variables are not valid Go values, so that it does not
// use package json.
func (b Bomb) Body() string {
	variables := b.Variables
	if variables == "" {
		variables = "null"
	}
	return fmt.Sprintf(`{"query":%s,"variables":%s}`, quote(b.Document), variables)
}

const (
	invalid    = "GRAPHQL_VALIDATION_FAILED"
	unparsed   = "GRAPHQL_PARSE_FAILED"
	wrongInput = "BAD_USER_INPUT" // a body or a variable
)

// maxDocument is the maximum size of a document within a body.
const maxDocument = 120 << 10

// Bombs returns requests that must be refused, by name. Most have a variant of 128 kB.
func Bombs() map[string]Bomb {
	all := map[string]Bomb{}
	for _, family := range []map[string]Bomb{
		fragmentBombs(), mergingBombs(), nestingBombs(), floodBombs(), textBombs(), introspectionBombs(), variableBombs(),
	} {
		maps.Copy(all, family)
	}
	return all
}

// doubling returns n fragments, each of which spreads the next one twice.
func doubling(n int) string {
	var document strings.Builder
	for i := range n {
		fmt.Fprintf(&document, " fragment F%d on Client{...F%d ...F%d}", i, i+1, i+1)
	}
	fmt.Fprintf(&document, " fragment F%d on Client{name}", n)
	return document.String()
}

func fragmentBombs() map[string]Bomb {
	const start = `{client(by:{serviceId:26}){...F0}}`
	return map[string]Bomb{
		"doubling fragments, 20":          {Document: start + doubling(20)},
		"doubling fragments, 49":          {Document: start + doubling(49)},
		"doubling fragments, 100":         {Document: start + doubling(100)},
		"doubling fragments, 400":         {Document: start + doubling(400)},
		"doubling fragments, unused":      {Document: `{viewer{username}}` + doubling(40)},
		"fragment of itself":              {Document: `{...F} fragment F on Query{viewer{username} ...F}`, Code: invalid},
		"circle of fragments":             {Document: start + circle(40), Code: invalid},
		"many fragments, unused":          {Document: `{viewer{username}}` + Numbered(` fragment F%d on Client{name}`, 3000)},
		"50 fragments, unused":            {Document: `{viewer{username}}` + Numbered(` fragment F%d on Client{name}`, 50), Code: invalid},
		"chain of fragments":              {Document: start + chain(49, 15)},
		"fragments that spread all after": {Document: start + staircase(30)},
	}
}

// circle returns n fragments, each of which spreads the next. The last spreads the first.
func circle(n int) string {
	var document strings.Builder
	for i := range n {
		fmt.Fprintf(&document, " fragment F%d on Client{name ...F%d}", i, (i+1)%n)
	}
	return document.String()
}

// chain returns n fragments with a number of fields, each of which spreads the next.
func chain(n, fields int) string {
	var document strings.Builder
	for i := range n {
		fmt.Fprintf(&document, " fragment F%d on Client{%s ...F%d}", i, strings.Repeat("name ", fields), i+1)
	}
	fmt.Fprintf(&document, " fragment F%d on Client{name}", n)
	return document.String()
}

// staircase returns n fragments, each of which spreads all later ones.
func staircase(n int) string {
	var document strings.Builder
	for i := range n {
		fmt.Fprintf(&document, " fragment F%d on Client{name", i)
		for later := i + 1; later < n; later++ {
			fmt.Fprintf(&document, " ...F%d", later)
		}
		document.WriteString("}")
	}
	return document.String()
}

// mergingBombs attack the rule that fields of one name must be mergeable, which compares all pairs.
func mergingBombs() map[string]Bomb {
	nested := func(depth, width int) string {
		inner := "name"
		for range depth {
			inner = strings.Repeat("otherServices{"+inner+"}", width)
		}
		return `{client(by:{serviceId:26}){` + inner + `}}`
	}
	return map[string]Bomb{
		"4000 times one field":           {Document: "{" + strings.Repeat("__typename ", 4000) + "}"},
		"900 times one field":            {Document: "{" + strings.Repeat("__typename ", 900) + "}"},
		"128 kB of one field":            {Document: "{" + strings.Repeat("__typename ", maxDocument/11) + "}"},
		"5000 inline fragments":          {Document: "{" + strings.Repeat("...{__typename}", 5000) + "}"},
		"10000 inline fragments":         {Document: "{" + strings.Repeat("...{__typename}", 8000) + "}"},
		"300 inline fragments":           {Document: "{" + strings.Repeat("...{__typename}", 300) + "}"},
		"nested duplicates":              {Document: nested(3, 18)},
		"nested duplicates, few tokens":  {Document: nested(2, 15)},
		"nested duplicates, 128 kB":      {Document: nested(4, 8)},
		"duplicates of spreads":          {Document: `{client(by:{serviceId:26}){` + strings.Repeat("otherServices{...F}", 19) + `}} fragment F on Client{` + strings.Repeat("name ", 19) + `}`},
		"duplicates in unused fragments": {Document: `{viewer{username}} fragment F on Client{` + strings.Repeat("name ", 800) + `}`},
		"duplicates in nested fragments": {Document: `{client(by:{serviceId:26})` + strings.Repeat("{...", 45) + "{" + strings.Repeat(Numbered("a%d ", 90), 20) + strings.Repeat("}", 46) + `}`},
		"duplicates with arguments":      {Document: "{" + strings.Repeat("clients("+Numbered("a%d:1 ", 60)+"){totalCount}", 10) + "}", Code: invalid},
		"duplicates of many values":      {Document: `{client(by:{serviceId:26})` + strings.Repeat("{...", 45) + "{" + strings.Repeat("tickets(status:["+strings.Repeat("NEW ", 26)+"]){id}", 20) + strings.Repeat("}", 46) + "}"},
		"duplicates of an object": {Document: "{" + strings.Repeat(`clients(filter:{`+Numbered("a%d:{a:1} ", 22)+`}){totalCount}`, 10) + "}",
			Code: invalid},
	}
}

func nestingBombs() map[string]Bomb {
	deep := func(open, inner, end string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	return map[string]Bomb{
		"deep fields, 11":               {Document: `{client(by:{serviceId:26}){` + deep("otherServices{", "name", "}", 9) + `}}`},
		"deep fields, 400":              {Document: `{client(by:{serviceId:26}){` + deep("otherServices{", "name", "}", 400) + `}}`},
		"deep fields, 128 kB":           {Document: deep("{a", "", "}", maxDocument/3), Code: unparsed},
		"deep lists of rows":            {Document: `{clients{nodes{` + deep("tickets{client{", "name", "}}", 3) + `}}}`},
		"deep inline fragments":         {Document: deep("{...", "{__typename}", "}", 490)},
		"deep inline fragments, open":   {Document: strings.Repeat("{...", maxDocument/4), Code: unparsed},
		"deep list as argument":         {Document: `{clients(first:` + deep("[", "1", "]", 900) + `){totalCount}}`},
		"deep list as argument, open":   {Document: `{clients(first:` + strings.Repeat("[", maxDocument), Code: unparsed},
		"deep list as filter":           {Document: `{clients(filter:{zoneId:` + deep("[", "1", "]", 900) + `}){totalCount}}`},
		"deep object as argument":       {Document: `{clients(filter:` + deep("{a:", "1", "}", 400) + `){totalCount}}`},
		"deep object as argument, open": {Document: `{clients(filter:` + strings.Repeat("{a:", maxDocument/3)},
		"deep default value":            {Document: `query($a:ClientFilter=` + deep("{a:", "1", "}", 400) + `){clients(filter:$a){totalCount}}`},
		"deep list, long":               {Document: `{clients(filter:{zoneId:` + deep("[", `"`+strings.Repeat("a", 100<<10)+`"`, "]", 950) + `}){totalCount}}`},
		"deep list of a directive":      {Document: `{viewer{username @skip(if:` + deep("[", "true", "]", 11) + `)}}`},
		"deep list of a variable":       {Document: `query($a:Int@aa(a:` + deep("[", "1", "]", 11) + `)){clients(first:$a){totalCount}}`},
		"deep list of a fragment":       {Document: `{...F} fragment F on Query{clients(first:` + deep("[", "1", "]", 11) + `){totalCount}}`},
		"deep type of a variable":       {Document: `query($a:` + deep("[", "Int", "]", 900) + `){clients(first:$a){totalCount}}`, Code: invalid},
	}
}

func floodBombs() map[string]Bomb {
	return map[string]Bomb{
		"aliases of root fields":         {Document: "{" + Numbered("a%d:viewer{username}", 300) + "}"},
		"aliases of root fields, 128 kB": {Document: "{" + Numbered("a%d:viewer{username}", 5500) + "}"},
		"aliases of fields":              {Document: "{viewer{" + Numbered("a%d:username ", 600) + "}}"},
		"aliases by fragments":           {Document: `{client(by:{serviceId:26}){...F b:otherServices{...F} c:otherServices{...F}}} fragment F on Client{` + Numbered("a%d:name ", 10) + `}`},
		"root fields":                    {Document: "{" + strings.Repeat("viewer{username}", 11) + "}"},
		"root fields by a fragment":      {Document: "{...F ...F} fragment F on Query{" + strings.Repeat("viewer{username}", 6) + "}"},
		"directives":                     {Document: "{viewer{username " + strings.Repeat("@aa", 900) + "}}"},
		"directives, 128 kB":             {Document: "{viewer{username " + strings.Repeat("@aa", maxDocument/3) + "}}"},
		"skip and include":               {Document: "{viewer{" + strings.Repeat("username @skip(if:false) @include(if:true) ", 15) + "}}"},
		"skip and include, 128 kB":       {Document: "{viewer{" + strings.Repeat("username @skip(if:false) @include(if:true) ", maxDocument/43) + "}}"},
		"directives of a variable":       {Document: "query($a:Int" + strings.Repeat("@aa", 30) + "){clients(first:$a){totalCount}}"},
		"directives of a fragment":       {Document: "{...F} fragment F on Query" + strings.Repeat("@aa", 30) + "{viewer{username}}"},
		"operations":                     {Document: Numbered("query Q%d{viewer{username}}", 300)},
		"operations, 128 kB":             {Document: Numbered("query Q%d{viewer{username}}", 3500)},
		"operations, six":                {Document: Numbered("query Q%d{viewer{username}}", 6)},
		"unknown fields":                 {Document: "{viewer{" + Numbered("usernam%d ", 1900) + "}}", Code: invalid},
		"unknown root fields":            {Document: "{" + Numbered("client%d ", 1900) + "}"},
		"unknown fields, 128 kB":         {Document: "{viewer{" + Numbered("usernam%d ", 9000) + "}}"},
		"unknown types":                  {Document: "{viewer{username}}" + Numbered(" fragment F%d on Clien{name}", 50), Code: invalid},
		"unknown types, inline":          {Document: "{viewer{" + strings.Repeat("...on Viewe{a} ", 250) + "}}"},
		"unknown arguments":              {Document: "{clients(" + Numbered("firs%d:1 ", 600) + "){totalCount}}", Code: invalid},
		"one argument, often":            {Document: "{clients(" + strings.Repeat("first:1 ", 600) + "){totalCount}}", Code: invalid},
		"unknown arguments, 128 kB":      {Document: "{clients(" + Numbered("firs%d:1 ", 10000) + "){totalCount}}"},
		"unknown input fields":           {Document: "{clients(filter:{" + Numbered("zoneI%d:1 ", 600) + "}){totalCount}}", Code: invalid},
		"unknown enum values":            {Document: "{clients(filter:{status:[" + Numbered("ACTIV%d ", 1900) + "]}){totalCount}}", Code: invalid},
		"many variables":                 {Document: "query(" + Numbered("$a%d:Int ", 480) + "){viewer{username}}", Code: invalid},
		"many variables of no type":      {Document: "query(" + Numbered("$a%d:Clien ", 480) + "){viewer{username}}", Code: invalid},
		"many uses of variables":         {Document: "query(" + Numbered("$a%d:Int ", 240) + "){clients(filter:{zoneId:[" + Numbered("$a%d ", 240) + "]}){totalCount}}", Variables: "{}", Code: invalid},
		"undefined variables": {Document: "query " + strings.Repeat("Q", 60<<10) + "{clients(filter:{zoneId:[" + strings.Repeat("$a ", 900) + "]}){totalCount}}",
			Code: invalid},
		"unused variables of a long operation": {Document: "query " + strings.Repeat("Q", 60<<10) + "(" + Numbered("$a%d:Int ", 450) + "){viewer{username}}", Code: invalid},
		"comments":                             {Document: strings.Repeat("#\n", maxDocument/3) + "{viewer{username}}"},
		"commas":                               {Document: strings.Repeat(",", maxDocument) + "}", Code: unparsed},
		"brackets":                             {Document: "{" + strings.Repeat("(", maxDocument), Code: unparsed},
	}
}

func textBombs() map[string]Bomb {
	long := strings.Repeat("a", maxDocument)
	return map[string]Bomb{
		"long text":                {Document: `{clients(first:"` + long + `"){totalCount}}`, Code: invalid},
		"long text, escaped":       {Document: `{clients(first:"` + strings.Repeat(`\u0041`, 9000) + `"){totalCount}}`, Code: invalid},
		"long text, open":          {Document: `{clients(first:"` + long, Code: unparsed},
		"long block of text":       {Document: `{clients(first:"""` + strings.Repeat("\n a", maxDocument/4) + `"""){totalCount}}`, Code: invalid},
		"block of quotes":          {Document: `{clients(first:"""` + strings.Repeat(`"" `, maxDocument/6) + `"""){totalCount}}`, Code: invalid},
		"block of quotes, one run": {Document: `{clients(first:"""a` + strings.Repeat(`"`, maxDocument/2) + `){totalCount}}`, Code: invalid},
		"long text for an enum":    {Document: `{clients(orderBy:{field:"` + long + `"}){totalCount}}`, Code: invalid},
		"long name for an enum":    {Document: `{clients(orderBy:{field:` + long + `}){totalCount}}`, Code: invalid},
		"long field":               {Document: `{viewer{` + long + `}}`, Code: invalid},
		"long fields":              {Document: `{viewer{` + Numbered(strings.Repeat("a", maxDocument/900)+"%d ", 800) + `}}`, Code: invalid},
		"long type":                {Document: `{...F} fragment F on ` + long + `{viewer{username}}`, Code: invalid},
		"long argument":            {Document: `{clients(` + long + `:1){totalCount}}`, Code: invalid},
		"long number":              {Document: `{clients(first:` + strings.Repeat("9", maxDocument) + `){totalCount}}`, Code: invalid},
		"long decimal":             {Document: `{clients(filter:{balanceAtLeast:` + strings.Repeat("9", maxDocument) + `}){totalCount}}`, Code: invalid},
		"long directive":           {Document: `{viewer{username @` + long + `}}`, Code: invalid},
		"long description":         {Document: `"` + long + `" query{viewer{` + "usernam}}", Code: invalid},
		"invalid bytes":            {Document: "{viewer{username}} " + strings.Repeat("\u00e9", maxDocument/2), Code: unparsed},
	}
}

func introspectionBombs() map[string]Bomb {
	fields := func(n int) string {
		return "{__schema{types" + strings.Repeat("{fields{type", n) + "{name}" + strings.Repeat("}}", n) + "}}"
	}
	return map[string]Bomb{
		"fields of fields":          {Document: fields(2)},
		"fields of fields, 9":       {Document: fields(9)},
		"fields of fields, 300":     {Document: fields(300)},
		"types of types":            {Document: "{__schema{types{" + strings.Repeat("ofType{", 20) + "name" + strings.Repeat("}", 20) + "}}}"},
		"fields of a type's fields": {Document: `{__type(name:"Query"){fields{type{fields{type{fields{name}}}}}}}`},
		"aliases of types":          {Document: "{__schema{" + Numbered("a%d:types{name fields{name args{name}}}", 20) + "}}"},
		"aliases of schemas":        {Document: "{" + Numbered("a%d:__schema{types{name fields{name args{name}}}}", 9) + "}"},
		"lists by fragments":        {Document: `{__schema{types{...T}}} fragment T on __Type{fields{type{...U}}} fragment U on __Type{possibleTypes{name} inputFields{name} fields{name}}`},
	}
}

func variableBombs() map[string]Bomb {
	const document = `query($f:ClientFilter){clients(filter:$f){totalCount}}`
	zones := func(value string) string { return `{"f":{"zoneId":[` + value + `]}}` }
	return map[string]Bomb{
		"numbers in a variable":          {Document: document, Variables: zones(strings.Repeat("1,", maxDocument/2) + "1")},
		"lists in a variable":            {Document: document, Variables: zones(strings.Repeat("[],", maxDocument/3) + "1")},
		"objects in a variable":          {Document: document, Variables: zones(strings.Repeat("{},", maxDocument/3) + "1")},
		"members of a variable":          {Document: document, Variables: `{"f":{` + Numbered(`"a%d":1,`, 11000) + `"zoneId":1}}`},
		"variables that are not defined": {Document: document, Variables: `{` + Numbered(`"a%d":1,`, 11000) + `"f":null}`},
		"deep list in a variable":        {Document: document, Variables: zones(strings.Repeat("[", 9000) + strings.Repeat("]", 9000))},
		"deep object in a variable":      {Document: document, Variables: zones(strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000))},
		"deep list that is not closed":   {Document: document, Variables: strings.Repeat("[", maxDocument), Code: wrongInput},
		"long text in a variable":        {Document: document, Variables: `{"f":{"status":"` + strings.Repeat("a", maxDocument) + `"}}`, Code: wrongInput},
		"long number in a variable":      {Document: document, Variables: zones(strings.Repeat("9", maxDocument)), Code: wrongInput},
	}
}
