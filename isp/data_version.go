package isp

// DataVersion identifies all data in memory that answers may come from. Two equal versions mean that
// nothing has changed between them. It is comparable.
type DataVersion struct {
	changes uint64
}

// DataVersion returns the version of the data that readers see now. It makes no upstream call, and
// takes no lock that a reader of data needs.
func (p *Provider) DataVersion() DataVersion { return DataVersion{} }
