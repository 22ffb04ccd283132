package wisphubtest

import (
	"fmt"
	"strings"
)

// nameGroups are first names with matching second names.
var nameGroups = []struct{ given, second []string }{
	{
		given: []string{
			"Ana", "María", "Luz", "Sofía", "Lucía", "Mónica", "Ángela", "Inés", "Rocío", "Yésica", "Verónica", "Adriana", "Gloria",
			"Beatriz", "Teresa", "Claudia", "Marta", "Paola", "Natalia", "Leidy", "Sandra", "Carolina", "Belén", "Begoña", "Íngrid",
		},
		second: []string{
			"Fernanda", "Camila", "Elena", "del Carmen", "Cecilia", "Eugenia", "Patricia", "Milena", "Esperanza", "José",
		},
	},
	{
		given: []string{
			"José", "Juan", "Andrés", "Jesús", "Julián", "Sebastián", "Germán", "Óscar", "Iván", "Hernán", "Álvaro", "Carlos",
			"Luis", "Jorge", "Wílmer", "Duván", "Fabián", "Edison", "Hugo", "Rubén", "Raúl", "Efraín", "Néstor",
		},
		second: []string{
			"David", "Alejandro", "Felipe", "Camilo", "Antonio", "Eduardo", "Mauricio", "Esteban", "Darío", "Alberto",
		},
	},
}

var surnameWords = []string{
	"Pérez", "Gómez", "Rodríguez", "Martínez", "García", "López", "Hernández", "Sánchez", "Ramírez", "Giraldo",
	"Muñoz", "Castaño", "Peña", "Ordóñez", "Londoño", "Zuluaga", "Ocampo", "Jiménez", "Álvarez", "Marín",
	"Quintero", "Cardona", "Osorio", "Vásquez", "Cañón", "Ariza", "Agudelo", "Restrepo", "Echeverri", "Montoya",
	"Salazar", "Hincapié", "Gutiérrez", "Bermúdez", "Núñez", "Ríos", "Yépez", "Buriticá", "Ceballos", "Duque",
	"Arbeláez", "Villegas", "Acuña", "Piñeros", "Rincón", "Sepúlveda", "Botero", "Ángel", "Güiza", "Useche",
}

// customer may have several services.
type customer struct {
	name, document, phone, email string
	slug                         string // part of the user name
}

// customer returns the customer of the next service. About one in twelve has two or three.
func (g *generator) customer() customer {
	if len(g.returning) > 0 && g.oneIn(10) {
		last := len(g.returning) - 1
		at := g.rng.IntN(len(g.returning))
		c := g.returning[at]
		g.returning[at] = g.returning[last]
		g.returning = g.returning[:last]
		return c
	}
	c := g.newCustomer()
	if g.oneIn(11) {
		g.returning = append(g.returning, c)
		if g.oneIn(4) {
			g.returning = append(g.returning, c)
		}
	}
	return c
}

func (g *generator) newCustomer() customer {
	g.customerCount++
	names := oneOf(g, nameGroups)
	given, family := oneOf(g, names.given), oneOf(g, surnameWords)
	words := []string{given}
	if g.chance(55) {
		words = append(words, oneOf(g, names.second))
	}
	words = append(words, family)
	if g.chance(85) {
		words = append(words, oneOf(g, surnameWords))
	}
	c := customer{
		name:  g.typedName(strings.Join(words, " ")),
		phone: g.phoneText(),
		slug:  foldText(given) + "." + foldText(family),
	}
	if g.chance(97) {
		c.document = g.newDocument()
	}
	if g.chance(12) {
		c.email = c.slug + "@correo.example"
	}
	return c
}

// newDocument is a unique cédula of ten digits, or of eight for older customers.
func (g *generator) newDocument() string {
	if g.chance(35) {
		return fmt.Sprint(15_000_000 + g.customerCount*1_009 + g.rng.IntN(1_000))
	}
	return fmt.Sprint(1_000_000_000 + g.customerCount*2_017 + g.rng.IntN(2_000))
}

// typedName is a name as an operator types it.
func (g *generator) typedName(name string) string {
	if g.chance(15) {
		name = strings.ToUpper(name)
	}
	loose := g.rng.IntN(100)
	switch {
	case !g.quirks.LooseNames:
	case loose < 5:
		name += " "
	case loose < 7:
		name = strings.Replace(name, " ", "  ", 1)
	}
	return name
}

// phoneText is a customer's phone field, which is free text.
func (g *generator) phoneText() string {
	if g.chance(4) {
		return ""
	}
	if !g.quirks.PhoneLists {
		return g.mobile()
	}
	numbers := []string{g.typedMobile()}
	if g.chance(42) {
		numbers = append(numbers, g.typedMobile())
		if g.chance(15) {
			numbers = append(numbers, g.typedMobile())
		}
	}
	if g.chance(15) {
		return strings.Join(numbers, ", ")
	}
	return strings.Join(numbers, ",")
}

// typedMobile is a number as an operator types it.
func (g *generator) typedMobile() string {
	digits := g.mobile()
	switch style := g.rng.IntN(100); {
	case style < 8:
		return "+57" + digits
	case style < 11:
		return "+57 " + digits
	case style < 18:
		return digits[:3] + " " + digits[3:6] + " " + digits[6:]
	}
	return digits
}

func (g *generator) mobile() string {
	return fmt.Sprintf("3%d%d%07d", g.rng.IntN(3), g.rng.IntN(10), g.rng.IntN(10_000_000))
}
