package rest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"strings"

	"wisphub-graphql/auth"
	"wisphub-graphql/isp"
)

// The description is made of the table of routes and of the types that the handlers read and write, so that it cannot say
// anything else than they do.

// openAPI answers with the description of this face.
func (a *api) openAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	writeJSON(w, http.StatusOK, a.description())
}

// object is a JSON object of the description.
type object = map[string]any

// describe returns the description of the routes that have something to say, with the actions as this face writes them.
func (a *api) describe(table []route) object {
	paths := object{}
	for _, r := range table {
		if r.doc == nil {
			continue
		}
		path, known := paths[r.path].(object)
		if !known {
			path = object{}
			paths[r.path] = path
		}
		path[strings.ToLower(r.method)] = operationOf(r)
	}
	return a.cased(object{
		"openapi": "3.1.0",
		"info": object{
			"title": "wisphub-graphql REST", "version": "1",
			"description": "The REST face for bots. Every answer but those about tokens and permissions is one envelope; its action says what happened.",
		},
		"servers":  []object{{"url": "/"}},
		"paths":    paths,
		"security": []object{{"token": []string{}}},
		"components": object{
			"securitySchemes": object{
				"token": object{"type": "oauth2", "flows": object{"password": object{"tokenUrl": "/api/v1/auth/token", "scopes": object{}}}},
			},
			"schemas": object{"Client": schemaOf(reflect.TypeFor[clientFields]()), "Detail": schemaOf(reflect.TypeFor[refused]())},
		},
	})
}

func (a *api) cased(description object) object {
	if !a.lowerCase {
		return description
	}
	text, err := json.Marshal(description)
	if err != nil {
		panic(err) // of our own types
	}
	var lower object
	_ = json.Unmarshal(actionNames.ReplaceAllFunc(text, bytes.ToLower), &lower)
	return lower
}

// actionNames are the values of action, each alone in a list or a const.
var actionNames = regexp.MustCompile(`"[A-Z]+(_[A-Z]+)*"`)

// refused is what is answered about tokens, permissions and rates.
type refused struct {
	Detail string `json:"detail"`
}

func operationOf(r route) object {
	operation := object{
		"operationId": r.doc.id, "summary": r.doc.summary, "responses": responsesOf(r),
	}
	if r.public {
		operation["security"] = []object{}
	}
	if r.scope != "" && r.scope != auth.ScopeRead {
		operation["description"] = "Needs the scope " + string(r.scope) + "."
	}
	if parameters := parametersOf(r); len(parameters) > 0 {
		operation["parameters"] = parameters
	}
	if r.doc.body != nil {
		media := "application/json"
		if r.doc.form {
			media = "application/x-www-form-urlencoded"
		}
		operation["requestBody"] = object{
			"required": true, "content": object{media: object{"schema": schemaOf(reflect.TypeOf(r.doc.body))}},
		}
	}
	return operation
}

var pathNames = regexp.MustCompile(`\{(\w+)\}`)

func parametersOf(r route) []object {
	var parameters []object
	for _, name := range pathNames.FindAllStringSubmatch(r.path, -1) {
		parameters = append(parameters, object{
			"name": name[1], "in": "path", "required": true, "schema": object{"type": "string"},
		})
	}
	for _, query := range r.doc.query {
		parameters = append(parameters, object{
			"name": query.name, "in": "query", "description": query.about, "schema": object{"type": query.kind},
		})
	}
	return parameters
}

func responsesOf(r route) object {
	responses := object{}
	if !r.public {
		responses["401"] = response("No good token.", reference("Detail"))
		responses["403"] = response("The token lacks the scope.", reference("Detail"))
	}
	if r.doc.plain != nil {
		responses["200"] = response("A token.", schemaOf(reflect.TypeOf(r.doc.plain)))
		responses["401"] = response("Wrong name or password.", reference("Detail"))
		responses["429"] = response("Too many tries; Retry-After says when.", reference("Detail"))
		responses["422"] = response("Something is wrong with the input.", envelopeOf("error", actionError, nil, nil))
		return responses
	}
	var shapes []object
	for _, answer := range r.doc.answers {
		shapes = append(shapes, envelopeOf(answer.kind, answer.action, answer.data, r.doc.meta))
	}
	responses["200"] = response("What happened is in action.", object{"oneOf": shapes})
	if r.doc.body != nil || len(r.doc.query) > 0 || strings.Contains(r.path, "{zone_id}") {
		responses["422"] = response("Something is wrong with the input, all of it in message.", envelopeOf("error", actionError, nil, nil))
	}
	if r.doc.meta != nil {
		responses["304"] = object{"description": "The caller has it as it is, by If-None-Match."}
	}
	if !r.public {
		responses["500"] = response("Our own fault.", envelopeOf("error", actionError, nil, nil))
		responses["503"] = response("Too many requests are under way; Retry-After says when.", reference("Detail"))
	}
	return responses
}

func response(about string, schema object) object {
	return object{"description": about, "content": object{"application/json": object{"schema": schema}}}
}

func reference(name string) object { return object{"$ref": "#/components/schemas/" + name} }

// envelopeOf describes an envelope with one action.
func envelopeOf(kind, action string, data, meta any) object {
	null := object{"type": "null"}
	dataSchema, metaSchema := null, null
	if data != nil {
		dataSchema = schemaOf(reflect.TypeOf(data))
	}
	if meta != nil && kind == "success" {
		metaSchema = schemaOf(reflect.TypeOf(meta))
	}
	return object{
		"type":     "object",
		"required": []string{"ok", "type", "action", "data", "message", "meta"},
		"properties": object{
			"ok":      object{"const": kind != "error"},
			"type":    object{"const": kind},
			"action":  object{"const": action},
			"data":    dataSchema,
			"message": object{"type": []string{"string", "null"}},
			"meta":    metaSchema,
		},
	}
}

// schemaOf describes a type as encoding/json writes it, and as readBody reads it.
func schemaOf(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[client]():
		return reference("Client")
	case t == reflect.TypeFor[isp.Decimal]():
		return object{"type": []string{"number", "string"}}
	case t == reflect.TypeFor[json.Number]():
		return object{"type": "number"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(schemaOf(t.Elem()))
	case reflect.Slice:
		return object{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Struct:
		return structSchema(t)
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int:
		return object{"type": "integer"}
	default:
		return object{"type": "string"}
	}
}

func nullable(schema object) object {
	switch kind := schema["type"].(type) {
	case string:
		return object{"type": []string{kind, "null"}}
	case []string:
		return object{"type": append(kind, "null")}
	}
	return object{"oneOf": []object{schema, {"type": "null"}}}
}

func structSchema(t reflect.Type) object {
	properties, required := object{}, []string{}
	for _, field := range reflect.VisibleFields(t) {
		if name := field.Tag.Get("json"); name != "" && !field.Anonymous {
			properties[name] = schemaOf(field.Type)
			if !strings.HasSuffix(t.Name(), "Body") || field.Type.Kind() != reflect.Pointer {
				required = append(required, name)
			}
		}
	}
	return object{"type": "object", "properties": properties, "required": required}
}
