package graph_test

import (
	"fmt"
	"strings"
)

// bomb is a request that is small and costs much where nothing guards, and what it is answered with.
type bomb struct {
	document  string
	variables string // JSON
	code      string // QUERY_TOO_COMPLEX when empty
}

// body joins the members by hand: some variables are no Go values.
func (b bomb) body() string {
	variables := b.variables
	if variables == "" {
		variables = "null"
	}
	return fmt.Sprintf(`{"query":%s,"variables":%s}`, quoted(b.document), variables)
}

const (
	invalid   = "GRAPHQL_VALIDATION_FAILED"
	unparsed  = "GRAPHQL_PARSE_FAILED"
	wrongBody = "BAD_USER_INPUT"
)

// full is how much of a body may be document.
const full = 120 << 10

// bombs are the known ones, of the sizes in which they have been met, and of 128 kB.
func bombs() map[string]bomb {
	all := map[string]bomb{}
	for _, family := range []map[string]bomb{
		fragmentBombs(), mergingBombs(), nestingBombs(), floodBombs(), textBombs(), introspectionBombs(), variableBombs(),
	} {
		for name, b := range family {
			all[name] = b
		}
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

func fragmentBombs() map[string]bomb {
	const start = `{client(by:{serviceId:26}){...F0}}`
	return map[string]bomb{
		"doubling fragments, 20":          {document: start + doubling(20)},
		"doubling fragments, 49":          {document: start + doubling(49)},
		"doubling fragments, 100":         {document: start + doubling(100)},
		"doubling fragments, 400":         {document: start + doubling(400)},
		"doubling fragments, unused":      {document: `{viewer{username}}` + doubling(40)},
		"fragment of itself":              {document: `{...F} fragment F on Query{viewer{username} ...F}`, code: invalid},
		"circle of fragments":             {document: start + circle(40), code: invalid},
		"many fragments, unused":          {document: `{viewer{username}}` + numbered(` fragment F%d on Client{name}`, 3000)},
		"50 fragments, unused":            {document: `{viewer{username}}` + numbered(` fragment F%d on Client{name}`, 50), code: invalid},
		"chain of fragments":              {document: start + chain(49, 15)},
		"fragments that spread all after": {document: start + staircase(30)},
	}
}

// circle returns n fragments of which the last spreads the first.
func circle(n int) string {
	var document strings.Builder
	for i := range n {
		fmt.Fprintf(&document, " fragment F%d on Client{name ...F%d}", i, (i+1)%n)
	}
	return document.String()
}

// chain returns fragments of so many fields, each of which spreads the next.
func chain(n, fields int) string {
	var document strings.Builder
	for i := range n {
		fmt.Fprintf(&document, " fragment F%d on Client{%s ...F%d}", i, strings.Repeat("name ", fields), i+1)
	}
	fmt.Fprintf(&document, " fragment F%d on Client{name}", n)
	return document.String()
}

// staircase returns fragments each of which spreads all later ones.
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

// mergingBombs aim at the rule that fields of one name can be merged, which compares all with all.
func mergingBombs() map[string]bomb {
	nested := func(depth, width int) string {
		inner := "name"
		for range depth {
			inner = strings.Repeat("otherServices{"+inner+"}", width)
		}
		return `{client(by:{serviceId:26}){` + inner + `}}`
	}
	return map[string]bomb{
		"4000 times one field":           {document: "{" + strings.Repeat("__typename ", 4000) + "}"},
		"900 times one field":            {document: "{" + strings.Repeat("__typename ", 900) + "}"},
		"128 kB of one field":            {document: "{" + strings.Repeat("__typename ", full/11) + "}"},
		"5000 inline fragments":          {document: "{" + strings.Repeat("...{__typename}", 5000) + "}"},
		"10000 inline fragments":         {document: "{" + strings.Repeat("...{__typename}", 8000) + "}"},
		"300 inline fragments":           {document: "{" + strings.Repeat("...{__typename}", 300) + "}"},
		"nested duplicates":              {document: nested(3, 18)},
		"nested duplicates, few tokens":  {document: nested(2, 15)},
		"nested duplicates, 128 kB":      {document: nested(4, 8)},
		"duplicates of spreads":          {document: `{client(by:{serviceId:26}){` + strings.Repeat("otherServices{...F}", 19) + `}} fragment F on Client{` + strings.Repeat("name ", 19) + `}`},
		"duplicates in unused fragments": {document: `{viewer{username}} fragment F on Client{` + strings.Repeat("name ", 800) + `}`},
		"duplicates in nested fragments": {document: `{client(by:{serviceId:26})` + strings.Repeat("{...", 45) + "{" + strings.Repeat(numbered("a%d ", 90), 20) + strings.Repeat("}", 46) + `}`},
		"duplicates with arguments":      {document: "{" + strings.Repeat("clients("+numbered("a%d:1 ", 60)+"){totalCount}", 10) + "}", code: invalid},
		"duplicates of many values":      {document: `{client(by:{serviceId:26})` + strings.Repeat("{...", 45) + "{" + strings.Repeat("tickets(status:["+strings.Repeat("NEW ", 26)+"]){id}", 20) + strings.Repeat("}", 46) + "}"},
		"duplicates of an object": {document: "{" + strings.Repeat(`clients(filter:{`+numbered("a%d:{a:1} ", 22)+`}){totalCount}`, 10) + "}",
			code: invalid},
	}
}

func nestingBombs() map[string]bomb {
	deep := func(open, inner, end string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	return map[string]bomb{
		"deep fields, 11":               {document: `{client(by:{serviceId:26}){` + deep("otherServices{", "name", "}", 9) + `}}`},
		"deep fields, 400":              {document: `{client(by:{serviceId:26}){` + deep("otherServices{", "name", "}", 400) + `}}`},
		"deep fields, 128 kB":           {document: deep("{a", "", "}", full/3), code: unparsed},
		"deep lists of rows":            {document: `{clients{nodes{` + deep("tickets{client{", "name", "}}", 3) + `}}}`},
		"deep inline fragments":         {document: deep("{...", "{__typename}", "}", 490)},
		"deep inline fragments, open":   {document: strings.Repeat("{...", full/4), code: unparsed},
		"deep list as argument":         {document: `{clients(first:` + deep("[", "1", "]", 900) + `){totalCount}}`},
		"deep list as argument, open":   {document: `{clients(first:` + strings.Repeat("[", full), code: unparsed},
		"deep list as filter":           {document: `{clients(filter:{zoneId:` + deep("[", "1", "]", 900) + `}){totalCount}}`},
		"deep object as argument":       {document: `{clients(filter:` + deep("{a:", "1", "}", 400) + `){totalCount}}`},
		"deep object as argument, open": {document: `{clients(filter:` + strings.Repeat("{a:", full/3)},
		"deep default value":            {document: `query($a:ClientFilter=` + deep("{a:", "1", "}", 400) + `){clients(filter:$a){totalCount}}`},
		"deep list, long":               {document: `{clients(filter:{zoneId:` + deep("[", `"`+strings.Repeat("a", 100<<10)+`"`, "]", 950) + `}){totalCount}}`},
		"deep list of a directive":      {document: `{viewer{username @skip(if:` + deep("[", "true", "]", 11) + `)}}`},
		"deep list of a variable":       {document: `query($a:Int@aa(a:` + deep("[", "1", "]", 11) + `)){clients(first:$a){totalCount}}`},
		"deep list of a fragment":       {document: `{...F} fragment F on Query{clients(first:` + deep("[", "1", "]", 11) + `){totalCount}}`},
		"deep type of a variable":       {document: `query($a:` + deep("[", "Int", "]", 900) + `){clients(first:$a){totalCount}}`, code: invalid},
	}
}

func floodBombs() map[string]bomb {
	return map[string]bomb{
		"aliases of root fields":         {document: "{" + numbered("a%d:viewer{username}", 300) + "}"},
		"aliases of root fields, 128 kB": {document: "{" + numbered("a%d:viewer{username}", 5500) + "}"},
		"aliases of fields":              {document: "{viewer{" + numbered("a%d:username ", 600) + "}}"},
		"aliases by fragments":           {document: `{client(by:{serviceId:26}){...F b:otherServices{...F} c:otherServices{...F}}} fragment F on Client{` + numbered("a%d:name ", 10) + `}`},
		"root fields":                    {document: "{" + strings.Repeat("viewer{username}", 11) + "}"},
		"root fields by a fragment":      {document: "{...F ...F} fragment F on Query{" + strings.Repeat("viewer{username}", 6) + "}"},
		"directives":                     {document: "{viewer{username " + strings.Repeat("@aa", 900) + "}}"},
		"directives, 128 kB":             {document: "{viewer{username " + strings.Repeat("@aa", full/3) + "}}"},
		"skip and include":               {document: "{viewer{" + strings.Repeat("username @skip(if:false) @include(if:true) ", 15) + "}}"},
		"skip and include, 128 kB":       {document: "{viewer{" + strings.Repeat("username @skip(if:false) @include(if:true) ", full/43) + "}}"},
		"directives of a variable":       {document: "query($a:Int" + strings.Repeat("@aa", 30) + "){clients(first:$a){totalCount}}"},
		"directives of a fragment":       {document: "{...F} fragment F on Query" + strings.Repeat("@aa", 30) + "{viewer{username}}"},
		"operations":                     {document: numbered("query Q%d{viewer{username}}", 300)},
		"operations, 128 kB":             {document: numbered("query Q%d{viewer{username}}", 3500)},
		"operations, six":                {document: numbered("query Q%d{viewer{username}}", 6)},
		"unknown fields":                 {document: "{viewer{" + numbered("usernam%d ", 1900) + "}}", code: invalid},
		"unknown root fields":            {document: "{" + numbered("client%d ", 1900) + "}"},
		"unknown fields, 128 kB":         {document: "{viewer{" + numbered("usernam%d ", 9000) + "}}"},
		"unknown types":                  {document: "{viewer{username}}" + numbered(" fragment F%d on Clien{name}", 50), code: invalid},
		"unknown types, inline":          {document: "{viewer{" + strings.Repeat("...on Viewe{a} ", 250) + "}}"},
		"unknown arguments":              {document: "{clients(" + numbered("firs%d:1 ", 600) + "){totalCount}}", code: invalid},
		"one argument, often":            {document: "{clients(" + strings.Repeat("first:1 ", 600) + "){totalCount}}", code: invalid},
		"unknown arguments, 128 kB":      {document: "{clients(" + numbered("firs%d:1 ", 10000) + "){totalCount}}"},
		"unknown input fields":           {document: "{clients(filter:{" + numbered("zoneI%d:1 ", 600) + "}){totalCount}}", code: invalid},
		"unknown enum values":            {document: "{clients(filter:{status:[" + numbered("ACTIV%d ", 1900) + "]}){totalCount}}", code: invalid},
		"many variables":                 {document: "query(" + numbered("$a%d:Int ", 480) + "){viewer{username}}", code: invalid},
		"many variables of no type":      {document: "query(" + numbered("$a%d:Clien ", 480) + "){viewer{username}}", code: invalid},
		"many uses of variables":         {document: "query(" + numbered("$a%d:Int ", 240) + "){clients(filter:{zoneId:[" + numbered("$a%d ", 240) + "]}){totalCount}}", variables: "{}", code: invalid},
		"undefined variables": {document: "query " + strings.Repeat("Q", 60<<10) + "{clients(filter:{zoneId:[" + strings.Repeat("$a ", 900) + "]}){totalCount}}",
			code: invalid},
		"unused variables of a long operation": {document: "query " + strings.Repeat("Q", 60<<10) + "(" + numbered("$a%d:Int ", 450) + "){viewer{username}}", code: invalid},
		"comments":                             {document: strings.Repeat("#\n", full/3) + "{viewer{username}}"},
		"commas":                               {document: strings.Repeat(",", full) + "}", code: unparsed},
		"brackets":                             {document: "{" + strings.Repeat("(", full), code: unparsed},
	}
}

func textBombs() map[string]bomb {
	long := strings.Repeat("a", full)
	return map[string]bomb{
		"long text":                {document: `{clients(first:"` + long + `"){totalCount}}`, code: invalid},
		"long text, escaped":       {document: `{clients(first:"` + strings.Repeat(`\u0041`, 9000) + `"){totalCount}}`, code: invalid},
		"long text, open":          {document: `{clients(first:"` + long, code: unparsed},
		"long block of text":       {document: `{clients(first:"""` + strings.Repeat("\n a", full/4) + `"""){totalCount}}`, code: invalid},
		"block of quotes":          {document: `{clients(first:"""` + strings.Repeat(`"" `, full/6) + `"""){totalCount}}`, code: invalid},
		"block of quotes, one run": {document: `{clients(first:"""a` + strings.Repeat(`"`, full/2) + `){totalCount}}`, code: invalid},
		"long text for an enum":    {document: `{clients(orderBy:{field:"` + long + `"}){totalCount}}`, code: invalid},
		"long name for an enum":    {document: `{clients(orderBy:{field:` + long + `}){totalCount}}`, code: invalid},
		"long field":               {document: `{viewer{` + long + `}}`, code: invalid},
		"long fields":              {document: `{viewer{` + numbered(strings.Repeat("a", full/900)+"%d ", 800) + `}}`, code: invalid},
		"long type":                {document: `{...F} fragment F on ` + long + `{viewer{username}}`, code: invalid},
		"long argument":            {document: `{clients(` + long + `:1){totalCount}}`, code: invalid},
		"long number":              {document: `{clients(first:` + strings.Repeat("9", full) + `){totalCount}}`, code: invalid},
		"long decimal":             {document: `{clients(filter:{balanceAtLeast:` + strings.Repeat("9", full) + `}){totalCount}}`, code: invalid},
		"long directive":           {document: `{viewer{username @` + long + `}}`, code: invalid},
		"long description":         {document: `"` + long + `" query{viewer{` + "usernam}}", code: invalid},
		"invalid bytes":            {document: "{viewer{username}} " + strings.Repeat("\u00e9", full/2), code: unparsed},
	}
}

func introspectionBombs() map[string]bomb {
	fields := func(n int) string {
		return "{__schema{types" + strings.Repeat("{fields{type", n) + "{name}" + strings.Repeat("}}", n) + "}}"
	}
	return map[string]bomb{
		"fields of fields":          {document: fields(2)},
		"fields of fields, 9":       {document: fields(9)},
		"fields of fields, 300":     {document: fields(300)},
		"types of types":            {document: "{__schema{types{" + strings.Repeat("ofType{", 20) + "name" + strings.Repeat("}", 20) + "}}}"},
		"fields of a type's fields": {document: `{__type(name:"Query"){fields{type{fields{type{fields{name}}}}}}}`},
		"aliases of types":          {document: "{__schema{" + numbered("a%d:types{name fields{name args{name}}}", 20) + "}}"},
		"aliases of schemas":        {document: "{" + numbered("a%d:__schema{types{name fields{name args{name}}}}", 9) + "}"},
		"lists by fragments":        {document: `{__schema{types{...T}}} fragment T on __Type{fields{type{...U}}} fragment U on __Type{possibleTypes{name} inputFields{name} fields{name}}`},
	}
}

func variableBombs() map[string]bomb {
	const document = `query($f:ClientFilter){clients(filter:$f){totalCount}}`
	zones := func(value string) string { return `{"f":{"zoneId":[` + value + `]}}` }
	return map[string]bomb{
		"numbers in a variable":          {document: document, variables: zones(strings.Repeat("1,", full/2) + "1")},
		"lists in a variable":            {document: document, variables: zones(strings.Repeat("[],", full/3) + "1")},
		"objects in a variable":          {document: document, variables: zones(strings.Repeat("{},", full/3) + "1")},
		"members of a variable":          {document: document, variables: `{"f":{` + numbered(`"a%d":1,`, 11000) + `"zoneId":1}}`},
		"variables that are not defined": {document: document, variables: `{` + numbered(`"a%d":1,`, 11000) + `"f":null}`},
		"deep list in a variable":        {document: document, variables: zones(strings.Repeat("[", 9000) + strings.Repeat("]", 9000))},
		"deep object in a variable":      {document: document, variables: zones(strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000))},
		"deep list that is not closed":   {document: document, variables: strings.Repeat("[", full), code: wrongBody},
		"long text in a variable":        {document: document, variables: `{"f":{"status":"` + strings.Repeat("a", full) + `"}}`, code: invalid},
		"long number in a variable":      {document: document, variables: zones(strings.Repeat("9", full)), code: invalid},
	}
}

// permitted are the most that the limits let through, which is to cost little as well.
func permitted() map[string]bomb {
	const ok, invalid = "", "GRAPHQL_VALIDATION_FAILED"
	inClient := func(text string) string { return `{client(by:{serviceId:26}){` + text + `}}` }
	return map[string]bomb{
		"most repeats, valid":       {document: inClient(strings.Repeat("otherServices{name document phone status balance plan{name}}", 20)), code: ok},
		"most names, unknown":       {document: inClient(numbered("a%d ", 1900)), code: invalid},
		"most repeats of all names": {document: inClient(strings.Repeat(numbered("a%d ", 95), 20)), code: invalid},
		"most repeats, nested":      {document: inClient(strings.Repeat("otherServices{"+numbered("a%d ", 90)+"}", 20)), code: invalid},
		"most repeats by fragments": {document: inClient(strings.Repeat("otherServices{...F}", 20)) + ` fragment F on Client{` + numbered("a%d ", 90) + `}`, code: invalid},
		"most repeats of arguments": {document: "{" + strings.Repeat("clients("+numbered("a%d:1 ", 62)+"){totalCount}", 10) + "}", code: invalid},
		"most inline fragments":     {document: inClient(strings.Repeat(strings.Repeat("...{", 45)+"name"+strings.Repeat("}", 45), 8)), code: ok},
		"deepest value":             {document: `{clients(first:` + strings.Repeat("[", 10) + "1" + strings.Repeat("]", 10) + `){totalCount}}`, code: invalid},
		"long chain":                {document: inClient("...F0") + manyNames(40, 1), code: invalid},
		"chain of many names":       {document: inClient("...F0") + manyNames(8, 38), code: invalid},
		"two long chains":           {document: inClient("...F0 ...G0") + manyNames(24, 1) + strings.ReplaceAll(manyNames(24, 1), "F", "G"), code: invalid},
		"side by side":              {document: inClient(numbered("...F%d ", 19)) + numbered(" fragment F%d on Client{"+numbered("a%d ", 45)+"}", 19), code: invalid},
	}
}

// manyNames is a chain of fragments with different fields.
func manyNames(n, fields int) string {
	var document strings.Builder
	for i := range n {
		fmt.Fprintf(&document, " fragment F%d on Client{%s ...F%d}", i, numbered(fmt.Sprintf("a%d_%%d ", i), fields), i+1)
	}
	fmt.Fprintf(&document, " fragment F%d on Client{name}", n)
	return document.String()
}

// numbered repeats a text with the numbers from 0.
func numbered(format string, n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, format, i)
	}
	return text.String()
}

// quoted is a text as JSON.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text) + `"`
}
