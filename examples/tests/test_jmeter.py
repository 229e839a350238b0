"""The JMeter plan: its form, and its requests; the plan itself where JMeter is."""

import subprocess
import unittest
import urllib.request
import xml.etree.ElementTree as xml

from rig import EXAMPLES, gateway, tool

PLAN = EXAMPLES / "jmeter" / "edits.jmx"

# The elements that the plan may use; each one of them stands beside a hashTree with what is below it.
ELEMENTS = {"TestPlan", "ConfigTestElement", "ThreadGroup", "HTTPSamplerProxy", "HeaderManager", "RegexExtractor",
            "ResponseAssertion", "ConstantTimer"}
PROPERTIES = {"stringProp", "boolProp", "intProp", "elementProp", "collectionProp"}


def text(element, name):
    return element.find(f".//*[@name='{name}']").text


class JMeter(unittest.TestCase):
    def setUp(self):
        self.root = xml.parse(PLAN).getroot()

    def test_each_element_stands_beside_its_tree(self):
        self.assertEqual((self.root.tag, [child.tag for child in self.root]), ("jmeterTestPlan", ["hashTree"]))
        for tree in self.root.iter("hashTree"):
            children = list(tree)
            self.assertEqual([child.tag for child in children[1::2]], ["hashTree"] * (len(children) // 2))
            for element in children[::2]:
                self.assertIn(element.tag, ELEMENTS)
                self.assertEqual(element.get("testclass"), element.tag)
                self.assertTrue(element.get("guiclass") and element.get("testname"), element.tag)
                self.assertLessEqual({it.tag for it in element.iter()} - {element.tag}, PROPERTIES)

    def test_the_plan_is_bounded_and_stays_on_this_machine(self):
        group = self.root.find(".//ThreadGroup")
        self.assertLessEqual(int(text(group, "ThreadGroup.num_threads")), 50)
        self.assertLessEqual(int(text(group, "ThreadGroup.duration")), 300)
        self.assertEqual(text(self.root.find(".//ConfigTestElement"), "HTTPSampler.domain"), "127.0.0.1")

    def test_its_requests_are_what_the_gateway_takes(self):
        with gateway() as running:
            score = running.world()["quality_scores"][0]
            values = {"${__P(score)}": score["id"], "${__P(token)}": running.token(), "${__Random(0,100)}": "42"}
            for tree in self.root.iter("hashTree"):
                for sampler, below in zip(list(tree)[::2], list(tree)[1::2], strict=True):
                    if sampler.tag == "HTTPSamplerProxy":
                        tag = self.send(running, sampler, below, values)
                        values["${ETAG}"] = tag
            self.assertEqual(running.record(score["path"])["score"], 42)

    def send(self, running, sampler, below, values):
        def filled(template):
            for name, value in values.items():
                template = template.replace(name, value)
            return template

        headers = {text(it, "Header.name"): filled(text(it, "Header.value")) for it in below.iterfind("HeaderManager//elementProp")}
        body = sampler.find(".//*[@name='Argument.value']")
        data = None if body is None else filled(body.text).encode()
        url, method = running.url + filled(text(sampler, "HTTPSampler.path")), text(sampler, "HTTPSampler.method")
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=60) as answer:
            self.assertEqual(answer.status, 200)
            if data:
                self.assertEqual(answer.headers["Ifmatch-Outcome"], "landed")
            return answer.headers["ETag"]

    def test_jmeter_runs_it(self):
        jmeter = tool("jmeter", "no registry of this project ships one that loads a plan of JMeter 5")
        with gateway() as running:
            score = running.world()["quality_scores"][0]
            results = running.folder / "results.jtl"
            words = [jmeter, "-n", "-t", str(PLAN), f"-Jport={running.port}", f"-Jtoken={running.token()}",
                     f"-Jscore={score['id']}", "-l", str(results)]
            done = subprocess.run(words, capture_output=True, text=True, timeout=180, cwd=running.folder)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertNotIn(",false,", results.read_text())


if __name__ == "__main__":
    unittest.main()
