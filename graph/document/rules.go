package document

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"wisphub-graphql/graph/errcode"
)

// plainRules validate without suggestions ("Did you mean …"), each of which compares a name with
// all others. Without introspection they also refuse it: gqlgen would answer an internal error.
func plainRules(introspection bool) *rules.Rules {
	plain := rules.NewDefaultRules()
	if !introspection {
		plain.AddRule("NoSchemaIntrospection", refuseIntrospection)
	}
	plain.ReplaceRule(rules.FieldsOnCorrectTypeRule.Name, rules.FieldsOnCorrectTypeRuleWithoutSuggestions.RuleFunc)
	plain.ReplaceRule(rules.KnownArgumentNamesRule.Name, rules.KnownArgumentNamesRuleWithoutSuggestions.RuleFunc)
	plain.ReplaceRule(rules.KnownTypeNamesRule.Name, rules.KnownTypeNamesRuleWithoutSuggestions.RuleFunc)
	plain.ReplaceRule(rules.ScalarLeafsRule.Name, rules.ScalarLeafsRuleWithoutSuggestions.RuleFunc)
	plain.ReplaceRule(rules.ValuesOfCorrectTypeRule.Name, rules.ValuesOfCorrectTypeRuleWithoutSuggestions.RuleFunc)
	return bounded(plain, false)
}

// maxSuggestBytes is the maximum size of a document that is validated again with suggestions.
const maxSuggestBytes = 4 << 10

// suggestingRules validate with suggestions. They are for small documents with few errors.
func suggestingRules() *rules.Rules { return bounded(rules.NewDefaultRules(), true) }

// bounded returns the same rules, which format at most [errcode.MaxErrors] errors: a thousand
// errors that each repeat a long name take megabytes. Errors about values do not repeat the value.
func bounded(all *rules.Rules, suggest bool) *rules.Rules {
	left := errcode.MaxErrors
	result := rules.NewRules()
	for name, rule := range all.GetInner() {
		if name == rules.ValuesOfCorrectTypeRule.Name {
			rule = hideValues(rule, suggest)
		}
		result.AddRule(name, func(observers *core.Events, addError core.AddErrFunc) {
			rule(observers, func(options ...core.ErrorOption) {
				if left > 0 {
					left--
					addError(options...)
				}
			})
		})
	}
	return result
}

// hideValues changes the rule for values so that its errors do not repeat the value, which could
// be a password.
func hideValues(rule core.RuleFunc, suggest bool) core.RuleFunc {
	return func(observers *core.Events, addError core.AddErrFunc) {
		// The observer runs before the rule's own observers, so this is the value they look at.
		var current *ast.Value
		observers.OnValue(func(_ *core.Walker, value *ast.Value) { current = value })
		rule(observers, func(options ...core.ErrorOption) {
			addError(append(options, hideValue(current, suggest))...)
		})
	}
}

// hideValue replaces the message of an error about a value. Messages that name only input fields
// stay.
func hideValue(value *ast.Value, suggest bool) core.ErrorOption {
	return func(err *gqlerror.Error) {
		if value.Kind == ast.ObjectValue && value.Definition.Kind == ast.InputObject && !strings.HasPrefix(err.Message, "Expected ") {
			return
		}
		err.Message = fmt.Sprintf("Expected value of type %q.", value.ExpectedType.String())
		if !suggest || value.Definition.Kind != ast.Enum || len(value.Raw) > maxSuggestValueBytes {
			return
		}
		var names []string
		for _, known := range value.Definition.EnumValues {
			names = append(names, known.Name)
		}
		core.SuggestListQuoted("Did you mean the enum value", value.Raw, names)(err)
	}
}

// maxSuggestValueBytes is the maximum size of a value that is compared with those of an enum.
const maxSuggestValueBytes = 100

func refuseIntrospection(observers *core.Events, addError core.AddErrFunc) {
	observers.OnField(func(_ *core.Walker, field *ast.Field) {
		if field.Name == "__schema" || field.Name == "__type" {
			addError(core.Message("Introspection is switched off."), core.At(field.Position))
		}
	})
}
