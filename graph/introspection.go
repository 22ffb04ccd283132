package graph

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// quietRules validate without suggestions ("Did you mean …"), each of which compares a name with all others. On a closed
// server they refuse introspection as well: gqlgen would answer it as an internal error.
func quietRules(closed bool) *rules.Rules {
	quiet := rules.NewDefaultRules()
	if closed {
		quiet.AddRule("NoSchemaIntrospection", refuseIntrospection)
	}
	quiet.ReplaceRule(rules.FieldsOnCorrectTypeRule.Name, rules.FieldsOnCorrectTypeRuleWithoutSuggestions.RuleFunc)
	quiet.ReplaceRule(rules.KnownArgumentNamesRule.Name, rules.KnownArgumentNamesRuleWithoutSuggestions.RuleFunc)
	quiet.ReplaceRule(rules.KnownTypeNamesRule.Name, rules.KnownTypeNamesRuleWithoutSuggestions.RuleFunc)
	quiet.ReplaceRule(rules.ScalarLeafsRule.Name, rules.ScalarLeafsRuleWithoutSuggestions.RuleFunc)
	quiet.ReplaceRule(rules.ValuesOfCorrectTypeRule.Name, rules.ValuesOfCorrectTypeRuleWithoutSuggestions.RuleFunc)
	return brief(quiet, false)
}

// maxGuessed bounds the bytes of a document that is validated once more with suggestions.
const maxGuessed = 4 << 10

// guessingRules are for a document that is small and has few mistakes.
func guessingRules() *rules.Rules { return brief(rules.NewDefaultRules(), true) }

// brief are the same rules, which stop to put their errors into words when no more of them are shown: a thousand errors
// that each repeat a long name are as many megabytes. Their errors of values repeat none, and guess where they may.
func brief(whole *rules.Rules, guess bool) *rules.Rules {
	left := maxErrors
	short := rules.NewRules()
	for name, rule := range whole.GetInner() {
		if name == rules.ValuesOfCorrectTypeRule.Name {
			rule = discreet(rule, guess)
		}
		short.AddRule(name, func(observers *core.Events, addError core.AddErrFunc) {
			rule(observers, func(options ...core.ErrorOption) {
				if left > 0 {
					left--
					addError(options...)
				}
			})
		})
	}
	return short
}

// discreet is the rule of values, whose errors would repeat the value: one that was tried as a password, perhaps.
func discreet(rule core.RuleFunc, guess bool) core.RuleFunc {
	return func(observers *core.Events, addError core.AddErrFunc) {
		var looked *ast.Value // at by the rule, which comes next
		observers.OnValue(func(_ *core.Walker, value *ast.Value) { looked = value })
		rule(observers, func(options ...core.ErrorOption) {
			addError(append(options, withoutValue(looked, guess))...)
		})
	}
}

// withoutValue has words of our own for an error of a value, unless those that are there name nothing but input fields.
func withoutValue(value *ast.Value, guess bool) core.ErrorOption {
	return func(err *gqlerror.Error) {
		if value.Kind == ast.ObjectValue && value.Definition.Kind == ast.InputObject && !strings.HasPrefix(err.Message, "Expected ") {
			return
		}
		err.Message = fmt.Sprintf("Expected value of type %q.", value.ExpectedType.String())
		if !guess || value.Definition.Kind != ast.Enum || len(value.Raw) > maxGuessedValue {
			return
		}
		var names []string
		for _, known := range value.Definition.EnumValues {
			names = append(names, known.Name)
		}
		core.SuggestListQuoted("Did you mean the enum value", value.Raw, names)(err)
	}
}

// maxGuessedValue bounds the bytes of a value that is compared with those of an enum.
const maxGuessedValue = 100

func refuseIntrospection(observers *core.Events, addError core.AddErrFunc) {
	observers.OnField(func(_ *core.Walker, field *ast.Field) {
		if field.Name == "__schema" || field.Name == "__type" {
			addError(core.Message("Introspection is switched off."), core.At(field.Position))
		}
	})
}
