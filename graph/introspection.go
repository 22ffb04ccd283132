package graph

import (
	"github.com/vektah/gqlparser/v2/ast"
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
	return brief(quiet)
}

// maxGuessed bounds the bytes of a document that is validated once more with suggestions.
const maxGuessed = 4 << 10

// guessingRules are for a document that is small and has few mistakes.
func guessingRules() *rules.Rules { return brief(rules.NewDefaultRules()) }

// brief are the same rules, which stop to put their errors into words when no more of them are shown: a thousand errors
// that each repeat a long name are as many megabytes.
func brief(whole *rules.Rules) *rules.Rules {
	left := maxErrors
	short := rules.NewRules()
	for name, rule := range whole.GetInner() {
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

func refuseIntrospection(observers *core.Events, addError core.AddErrFunc) {
	observers.OnField(func(_ *core.Walker, field *ast.Field) {
		if field.Name == "__schema" || field.Name == "__type" {
			addError(core.Message("Introspection is switched off."), core.At(field.Position))
		}
	})
}
