"""The rules of packets.py let nothing pass that means something else."""

import unittest

from packets import as_mosquitto_would, connect_version, difference, is_failure, split


def same(received, expected, version=5):
    return difference(bytes.fromhex(received), bytes.fromhex(expected), version) is None


class Rules(unittest.TestCase):
    def test_type_flags_and_identifier_are_the_same(self):
        self.assertFalse(same("5003000100", "4003000100"))
        self.assertFalse(same("40020002", "40020001"))
        self.assertFalse(same("60020001", "62020001"))
        self.assertFalse(same("d000", "c000"))

    def test_a_reason_code_counts_by_its_class(self):
        self.assertTrue(same("4003000110", "40020001"))
        self.assertTrue(same("4003000180", "4003000187"))
        self.assertFalse(same("4003000187", "40020001"))
        self.assertTrue(same("e00182", "e00181"))
        self.assertFalse(same("e000", "e00182"))
        self.assertFalse(same("f00119", "f00118"))

    def test_a_granted_qos_is_the_same(self):
        self.assertTrue(same("900400010080", "90040001008f"))
        self.assertFalse(same("900400010001", "900400010002"))
        self.assertFalse(same("900400010002", "90040001008f"))
        self.assertFalse(same("90050001000101", "900400010001"))
        self.assertTrue(same("b00400010011", "b00400010000"))
        self.assertFalse(same("b00400010087", "b00400010000"))

    def test_a_connack_has_the_same_properties_that_matter(self):
        plain = "20030000" + "00"
        self.assertTrue(same("2008000005" + "2700100000", plain), "Maximum Packet Size is free")
        self.assertFalse(same("2006000003" + "13003c", plain), "Server Keep Alive is not")
        self.assertFalse(same("2006000003" + "210014", plain), "Receive Maximum is not")
        self.assertFalse(same("2005000002" + "2501", "2005000002" + "2500"))
        self.assertTrue(same("2005000002" + "2501", plain), "that is the default")
        self.assertFalse(same("2003010000", plain))
        self.assertFalse(same("2003008700", plain))
        self.assertTrue(same("2003008000", "2003008700"))
        self.assertTrue(same("2006000003" + "120000", "2007000004" + "12000161"))
        self.assertFalse(same("2006000003" + "120000", plain))
        self.assertFalse(same("20020005", "20020004", version=3))

    def test_a_publish_is_the_same_but_for_the_order_of_properties(self):
        head, payload = "0001" + "61", "78"
        self.assertTrue(same("300b" + head + "06" + "0101" + "03000179" + "78", "300b" + head + "06" + "03000179" + "0101" + "78"))
        self.assertFalse(same("3005" + head + "00" + payload, "3005" + head + "00" + "79"))
        self.assertFalse(same("3105" + head + "00" + payload, "3005" + head + "00" + payload))
        self.assertFalse(same("3007" + head + "020101" + payload, "3005" + head + "00" + payload))
        one, other = "26000161000162", "26000163000164"
        self.assertFalse(same("3013" + head + "0e" + one + other + payload, "3013" + head + "0e" + other + one + payload))

    def test_what_cannot_be_decoded_equals_nothing(self):
        self.assertFalse(same("4003000110ff", "40020001"))
        self.assertFalse(same("2004000001ff", "2003000000"))

    def test_only_a_failure_announces_the_end(self):
        self.assertTrue(is_failure(bytes.fromhex("e00182"), 5))
        self.assertTrue(is_failure(bytes.fromhex("2003008200"), 5))
        self.assertFalse(is_failure(bytes.fromhex("e00100"), 5))
        self.assertFalse(is_failure(bytes.fromhex("20020005"), 3))
        self.assertFalse(is_failure(bytes.fromhex("4003000187"), 5))

    def test_packets_are_told_apart(self):
        self.assertEqual(split(bytes.fromhex("d000" + "40020001" + "30")), [b"\xd0\x00", b"\x40\x02\x00\x01", b"\x30"])
        self.assertEqual(connect_version(bytes.fromhex("100c00044d5154540502003c0000")), 5)
        self.assertEqual(connect_version(bytes.fromhex("100c00044d5154540402003c0000")), 3)
        self.assertIsNone(connect_version(b"\xd0\x00"))

    def test_a_connack_in_the_form_of_mosquitto_keeps_what_matters(self):
        refused = bytes.fromhex("2003008700")
        self.assertEqual(as_mosquitto_would(refused), refused)
        keep_alive = bytes.fromhex("2006000003" + "13003c")
        self.assertEqual(as_mosquitto_would(keep_alive), keep_alive)
        limits = bytes.fromhex("200b000008" + "2700100000" + "210014")
        self.assertEqual(as_mosquitto_would(limits), bytes.fromhex("2006000003" + "210014"))


unittest.main()
