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

// The OpenAPI description is generated from the table of routes and from the types that the
// handlers read and write, so that it cannot disagree with them.

// openAPI answers with the description of this API.
func (a *api) openAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	writeJSON(w, http.StatusOK, a.description())
}

// object is a JSON object of the description.
type object = map[string]any

// describe returns the description of the routes that have a routeDoc.
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
	return a.withActionCase(object{
		"openapi": "3.1.0",
		"info": object{
			"title": "wisphub-graphql REST", "version": "1",
			"description": "The REST API for bots. Every answer is an envelope whose action says what happened, " +
				"except answers about tokens, permissions and rates.",
		},
		"servers":  []object{{"url": "/"}},
		"paths":    paths,
		"security": []object{{"token": []string{}}},
		"components": object{
			"securitySchemes": object{
				"token": object{"type": "oauth2", "flows": object{"password": object{"tokenUrl": "/api/v1/auth/token", "scopes": object{}}}},
			},
			"schemas": object{
				"Client": schemaOf(reflect.TypeFor[clientSchema]()), "Detail": schemaOf(reflect.TypeFor[detailAnswer]()),
			},
		},
	})
}

// withActionCase writes the actions of a description in lower case when envelopes have them so.
func (a *api) withActionCase(description object) object {
	if !a.lowerCase {
		return description
	}
	text, err := json.Marshal(description)
	if err != nil {
		panic(err) // a description has only types that can be marshaled
	}
	var lower object
	_ = json.Unmarshal(actionNames.ReplaceAllFunc(text, bytes.ToLower), &lower)
	return lower
}

// actionNames matches JSON strings that consist of an action only.
var actionNames = regexp.MustCompile(`"[A-Z]+(_[A-Z]+)*"`)

func operationOf(r route) object {
	operation := object{
		"operationId": r.doc.id, "summary": r.doc.summary, "responses": responsesOf(r),
	}
	if r.public {
		operation["security"] = []object{}
	}
	if r.scope != "" && r.scope != auth.ScopeRead {
		operation["description"] = "Requires the scope " + string(r.scope) + "."
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

// pathNames matches the parameters of a path.
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
			"name": query.name, "in": "query", "required": query.required, "description": query.description,
			"schema": object{"type": query.jsonType},
		})
	}
	return parameters
}

const (
	describeInvalidInput = "The input is invalid. message names every invalid field."
	describeRetryAfter   = "Retry-After says how many seconds to wait."
)

func responsesOf(r route) object {
	responses := object{}
	if r.doc.plain != nil {
		responses["200"] = response("The access token.", schemaOf(reflect.TypeOf(r.doc.plain)))
		responses["401"] = response("The username or password is wrong.", tokenErrorSchema(reference("Detail"), errorInvalidGrant))
		responses["422"] = response(describeInvalidInput, tokenErrorSchema(errorEnvelope(), errorInvalidRequest, errorUnsupportedType))
		responses["429"] = response("Too many login attempts. "+describeRetryAfter, tokenErrorSchema(reference("Detail"), errorUnavailable))
		return responses
	}
	var answers []object
	for _, answer := range r.doc.answers {
		answers = append(answers, envelopeSchema(answer, r.doc.meta))
	}
	responses["200"] = response("The action says what happened.", object{"oneOf": answers})
	if r.doc.body != nil || len(r.doc.query) > 0 || strings.Contains(r.path, "{zone_id}") {
		responses["422"] = response(describeInvalidInput, errorEnvelope())
	}
	if r.doc.meta != nil {
		responses["304"] = object{"description": "The list has not changed since the ETag in If-None-Match."}
	}
	if !r.public {
		responses["401"] = response("The token is missing, expired or invalid.", reference("Detail"))
		responses["403"] = response("The token lacks the required scope.", reference("Detail"))
		responses["500"] = response("Internal error.", errorEnvelope())
		responses["503"] = response("Too many concurrent requests. "+describeRetryAfter, reference("Detail"))
	}
	return responses
}

func response(description string, schema object) object {
	return object{"description": description, "content": object{"application/json": object{"schema": schema}}}
}

// tokenErrorSchema adds the member error of RFC 6749 to the schema of a refusal.
func tokenErrorSchema(refusal object, codes ...string) object {
	return object{"allOf": []object{refusal, {
		"type": "object", "required": []string{"error"}, "properties": object{"error": object{"enum": codes}},
		"examples": []object{{"error": codes[0]}},
	}}}
}

func reference(name string) object { return object{"$ref": "#/components/schemas/" + name} }

// errorEnvelope describes the envelope of failures that no route has an action for.
func errorEnvelope() object { return envelopeSchema(errorDoc(actionError), nil) }

// envelopeSchema describes an envelope with one action.
func envelopeSchema(answer answerDoc, meta any) object {
	null := object{"type": "null"}
	dataSchema, metaSchema := null, null
	if answer.data != nil {
		dataSchema = schemaOf(reflect.TypeOf(answer.data))
	}
	if meta != nil && answer.envelopeType == "success" {
		metaSchema = schemaOf(reflect.TypeOf(meta))
	}
	return object{
		"type":     "object",
		"required": []string{"ok", "type", "action", "data", "message", "meta"},
		"properties": object{
			"ok":      object{"const": answer.envelopeType != "error"},
			"type":    object{"const": answer.envelopeType},
			"action":  object{"const": answer.action},
			"data":    dataSchema,
			"message": object{"type": []string{"string", "null"}},
			"meta":    metaSchema,
		},
	}
}

// schemaOf describes a type as encoding/json writes it and as readBody reads it.
func schemaOf(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[clientJSON]():
		return reference("Client")
	case t == reflect.TypeFor[isp.Decimal](), t == reflect.TypeFor[claimedPrice]():
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

// nullable returns a schema that allows null, too.
func nullable(schema object) object {
	switch jsonType := schema["type"].(type) {
	case string:
		return object{"type": []string{jsonType, "null"}}
	case []string:
		return object{"type": append(jsonType, "null")}
	}
	return object{"oneOf": []object{schema, {"type": "null"}}}
}

// structSchema describes a struct. Answers always have all fields. Types whose name ends in Body
// are request bodies: there, a pointer is an optional field.
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
