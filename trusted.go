package main

import (
	"os"
	"strings"

	"wisphub-graphql/graph"
)

// limits are those of the documents that are served.
func (s *Settings) limits() graph.Limits {
	return graph.Limits{
		Depth:      s.MaxQueryDepth,
		ListDepth:  s.MaxQueryListDepth,
		Fields:     s.MaxQueryFields,
		Aliases:    s.MaxQueryAliases,
		RootFields: s.MaxQueryRootFields,
		Repeats:    s.MaxQueryRepeats,
		Directives: s.MaxQueryDirectives,
		Fragments:  s.MaxQueryFragments,
		Operations: s.MaxQueryOperations,
		Tokens:     s.MaxQueryTokens,
	}
}

// readTrusted reads the trusted documents, nil when they are off. Its error is a [*SettingsError] that names every file
// that is at fault.
func readTrusted(settings *Settings) (*graph.TrustedDocuments, error) {
	if settings.TrustedDocuments == "off" {
		return nil, nil
	}
	trusted, err := graph.ReadTrustedDocuments(os.DirFS(settings.TrustedDocumentsDir), settings.limits(), settings.Introspection)
	if err == nil {
		return trusted, nil
	}
	var report settingsReport
	report.fail("TRUSTED_DOCUMENTS_DIR", problem{strings.ReplaceAll(err.Error(), "\n", "\n  "), "value_error.document"})
	return nil, report.err()
}
