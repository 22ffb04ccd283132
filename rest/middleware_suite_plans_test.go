package rest

var noPlan = info("INTERNET_PLAN_NOT_FOUND", "")

var planCases = []suiteCase{
	get("list", "/internet-plans", success("INTERNET_PLANS_LISTED", `[
		{"plan_id":1,"name":"Plan 10","type":"PPPOE"},{"plan_id":2,"name":"Plan 20","type":"PPPOE"},{"plan_id":3,"name":"Plan 50 Fibra","type":"PPPOE"},
		{"plan_id":4,"name":"Plan 100 Fibra","type":"PPPOE"},{"plan_id":5,"name":"Plan 200 Fibra","type":"PPPOE"},
		{"plan_id":7,"name":"Plan 700 Fibra Óptica","type":"PPPOE"},{"plan_id":8,"name":"Rural 4 Megas","type":"SIMPLE QUEUE"},
		{"plan_id":9,"name":"Rural 6 Megas","type":"SIMPLE QUEUE"},{"plan_id":10,"name":"Rural 10 Megas","type":"SIMPLE QUEUE"},
		{"plan_id":12,"name":"Antena 15 Megas","type":"SIMPLE QUEUE"},{"plan_id":13,"name":"Corporativo 50 Dedicado","type":"SIMPLE QUEUE"},
		{"plan_id":15,"name":"PCQ Veredas","type":"PCQ"},{"plan_id":16,"name":"PCQ Familiar","type":"PCQ"},{"plan_id":20,"name":"Cortesía","type":"PPPOE"}]`)),
	get("no plans", "/internet-plans", noPlan).after(answers("GET /api/plan-internet/", 200, `{"count":0,"next":null,"previous":null,"results":[]}`)),
	get("PPPoE plan", "/internet-plans/3", success("INTERNET_PLAN_FOUND", `{"name":"Plan 50 Fibra","price":65000,"download_speed":"50M","upload_speed":"25M"}`)),
	get("simple queue plan", "/internet-plans/10", success("INTERNET_PLAN_FOUND", `{"name":"Rural 10 Megas","price":75000,"download_speed":"10240k","upload_speed":"5120k"}`)),
	get("speeds without a unit", "/internet-plans/8", success("INTERNET_PLAN_FOUND", `{"name":"Rural 4 Megas","price":50000,"download_speed":"4","upload_speed":"2"}`)),
	get("PCQ plan", "/internet-plans/15", success("INTERNET_PLAN_FOUND", `{"plan_id":15,"name":"PCQ Veredas","type":"PCQ","note":"*"}`)),
	get("a plan with a price only", "/internet-plans/3", success("INTERNET_PLAN_FOUND", `{"name":"Plan 50 Fibra","price":65000,"download_speed":null,"upload_speed":null}`)).
		after(answers("GET /api/plan-internet/pppoe/3/", 200, `{"nombre":"Plan 50 Fibra","precio":"65000.00"}`)),
	get("unknown plan", "/internet-plans/999", noPlan),
	get("plan id that is no number", "/internet-plans/abc", noPlan),
	get("plan id 0", "/internet-plans/0", noPlan),
	get("a plan of no plans", "/internet-plans/3", noPlan).after(answers("GET /api/plan-internet/", 200, `{"count":0,"next":null,"previous":null,"results":[]}`)),
	get("details that WispHub does not have", "/internet-plans/3", noPlan).after(answers("GET /api/plan-internet/pppoe/3/", 404, `{"detail":"No encontrado."}`)),
	get("details of a queue that WispHub does not have", "/internet-plans/10", noPlan).after(answers("GET /api/plan-internet/queue/10/", 404, `{"detail":"No encontrado."}`)),
	get("empty details", "/internet-plans/3", noPlan).after(answers("GET /api/plan-internet/pppoe/3/", 200, `{"nombre":"Plan 50 Fibra","precio":"","bajada":"","subida":null}`)),
	get("a plan of an unknown family", "/internet-plans/90", noPlan).
		after(answers("GET /api/plan-internet/", 200, `{"count":1,"next":null,"previous":null,"results":[{"id":90,"nombre":"Satelital","tipo":"SATELITE"}]}`)),

	get("payment methods", "/payment-methods", success("PAYMENT_METHODS_LISTED", `[{"id":1,"name":"Efectivo"},{"id":2,"name":"Transferencia Bancaria"},
		{"id":3,"name":"Consignación"},{"id":5,"name":"Nequi"},{"id":6,"name":"Daviplata"},{"id":8,"name":"Saldo a Favor"}]`)),
	get("no payment methods", "/payment-methods", success("PAYMENT_METHODS_LISTED", `[]`)).
		after(answers("GET /api/formas-de-pago/", 200, `{"count":0,"next":null,"previous":null,"results":[]}`)),
}
